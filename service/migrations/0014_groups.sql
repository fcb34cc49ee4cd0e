-- Kinds: a circle that is a group of no more than so many, and whether those who lead it are of that group.

alter table circle_kind
    add most_members integer constraint circle_kind_members_check check (most_members > 0),
    add facilitators_count boolean not null default false;

update circle_kind set minimum = 4, most_members = 8
where name = 'intervision_group' and minimum is null and capacity is null;
