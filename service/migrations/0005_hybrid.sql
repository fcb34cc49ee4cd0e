-- How somebody comes to a gathering that is both at a place and online.

alter table registration add column mode text
    constraint registration_mode_check check (mode in ('on-site', 'online'));
