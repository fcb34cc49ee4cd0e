-- Gatherings that were published before anybody looked whether enough people come are looked at too.

insert into notice (dedupe_key, purpose, person_id, gathering_id, lane, due_at, expires_at, created_at)
select 'too-few:' || g.id || ':' || m.person_id || ':' || extract(epoch from g.starts_at)::bigint, 'too-few', m.person_id,
    g.id, p.preferred_channel, look.at, g.starts_at, now()
from gathering g
join circle c on c.id = g.circle_id
join circle_kind k on k.name = c.kind and k.minimum is not null
join membership m on m.circle_id = c.id and m.role = 'facilitator' and m.state = 'active'
join person p on p.id = m.person_id
cross join lateral (
    select min(morning.at) as at
    from generate_series(1, 3) days
    cross join lateral (select (g.starts_local::date - days + time '09:00') at time zone g.timezone as at) morning
    where morning.at > now()
) look
where g.status = 'published' and look.at is not null
on conflict (dedupe_key) do nothing;
