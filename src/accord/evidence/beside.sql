-- What is kept beside an exhibit's file, and who has it read (docs/decisions/0025, 0029). Owned by
-- accord_probe, as held.sql and derivations.sql are, of which it makes two functions anew.

-- Whatever is kept beside a file ends with it. A disposal holds the head of the chain until it is over:
-- it is waited for here, and what is kept first goes with the file.
create or replace function accord.freeze_new_file() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    if new.role <> 'original' then
        perform 1 from public.custody_head h where h.id = new.record_id for share;
        if not exists (select 1 from public.stored_object o
                        where o.record_id = new.record_id and o.role = 'original') then
            raise exception 'accord: this exhibit has no file, so nothing is kept beside it'
                using errcode = '42501';
        end if;
    end if;
    new.frozen := exists (select 1 from public.custody_alarm a
                           where a.record_id = new.record_id and a.closed_at is null);
    return new;
end $$;

-- A file is read under the standing of who asks for it: nobody else alters whose reading it is, nor
-- under what it was asked for, nor that it waits again. The worker has the standing of who asked.
create or replace function accord.refuse_other_reader() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    if new.membership_id is distinct from accord.seal_member() then
        raise exception 'accord: nobody has a file read in the name of somebody else'
            using errcode = '42501';
    end if;
    return new;
end $$;

revoke execute on function accord.freeze_new_file(), accord.refuse_other_reader() from public
