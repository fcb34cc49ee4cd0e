"""Lists everything that a schema consists of, as lines to compare.

Reads PostgreSQL's catalog only. Leaves out what may rightly differ between a schema that was made and one that grew:
the order of columns, numbers inside the catalog, the rows.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from service.database import Connection

CATALOG = """
with spaces as (
    select oid, nspname as space from pg_namespace
    where nspname !~ '^pg_' and nspname <> 'information_schema'
), relations as (
    select c.*, s.space || '.' || c.relname as name from pg_class c join spaces s on s.oid = c.relnamespace
)
select format('relation %s kind=%s persistence=%s options=%s rls=%s/%s partition=%s key=%s', name, relkind::text,
              relpersistence::text, reloptions, relrowsecurity, relforcerowsecurity,
              pg_get_expr(relpartbound, oid), case when relkind = 'p' then pg_get_partkeydef(oid) end)
  from relations where relkind in ('r', 'p', 'v', 'm', 'S', 'f', 'c')
union all
select format('column %s.%s %s notnull=%s default=%s identity=%s generated=%s collation=%s storage=%s',
              r.name, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid),
              a.attidentity::text,
              a.attgenerated::text, nullif(a.attcollation, 0)::regcollation, a.attstorage::text)
  from relations r join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
  left join pg_attrdef d on d.adrelid = r.oid and d.adnum = a.attnum
 where r.relkind in ('r', 'p', 'v', 'm', 'f', 'c')
union all
select format('constraint %s.%s %s valid=%s', coalesce(r.name, t.typname), c.conname, pg_get_constraintdef(c.oid),
              c.convalidated)
  from pg_constraint c join spaces s on s.oid = c.connamespace
  left join relations r on r.oid = c.conrelid left join pg_type t on t.oid = c.contypid
 where c.contype::text <> 'n'  -- listed with the columns, by name only from PostgreSQL 18 on
union all
select format('index %s valid=%s', pg_get_indexdef(i.indexrelid), i.indisvalid)
  from pg_index i join relations r on r.oid = i.indexrelid
union all
select format('view %s %s', name, pg_get_viewdef(oid)) from relations where relkind in ('v', 'm')
union all
select format('sequence %s %s start=%s by=%s min=%s max=%s cache=%s cycle=%s owner=%s', r.name, q.seqtypid::regtype,
              q.seqstart, q.seqincrement, q.seqmin, q.seqmax, q.seqcache, q.seqcycle, d.refobjid::regclass)
  from pg_sequence q join relations r on r.oid = q.seqrelid
  left join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = r.oid and d.deptype in ('a', 'i')
   and d.refclassid = 'pg_class'::regclass
union all
select format('trigger %s enabled=%s', pg_get_triggerdef(t.oid), t.tgenabled::text)
  from pg_trigger t join relations r on r.oid = t.tgrelid where not t.tgisinternal
union all
select format('rule %s', pg_get_ruledef(w.oid))
  from pg_rewrite w join relations r on r.oid = w.ev_class where w.rulename <> '_RETURN'
union all
select format('policy %s.%s %s permissive=%s using=%s check=%s', r.name, p.polname, p.polcmd::text, p.polpermissive,
              pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
  from pg_policy p join relations r on r.oid = p.polrelid
union all
select format('function %s', case when f.prokind in ('f', 'p', 'w') then pg_get_functiondef(f.oid)
              else f.oid::regprocedure || ' ' || f.prokind::text end)
  from pg_proc f join spaces s on s.oid = f.pronamespace
union all
select format('enum %s.%s %s', s.space, t.typname, string_agg(e.enumlabel, ', ' order by e.enumsortorder))
  from pg_type t join spaces s on s.oid = t.typnamespace join pg_enum e on e.enumtypid = t.oid
 group by s.space, t.typname
union all
select format('domain %s.%s %s notnull=%s default=%s', s.space, t.typname, format_type(t.typbasetype, t.typtypmod),
              t.typnotnull, t.typdefault)
  from pg_type t join spaces s on s.oid = t.typnamespace where t.typtype = 'd'
union all
select format('statistics %s', pg_get_statisticsobjdef(x.oid))
  from pg_statistic_ext x join spaces s on s.oid = x.stxnamespace
union all
select format('extension %s', extname) from pg_extension
"""


async def catalog(conn: "Connection") -> list[str]:
    """List the relations, columns, constraints, indexes, views, sequences, triggers, functions and types, sorted."""
    return sorted(row[0] for row in await conn.fetch(CATALOG))
