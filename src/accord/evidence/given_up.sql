-- What the worker puts off or refuses by itself (docs/decisions/0029). Owned by accord_probe, as
-- derivations.sql is, of which it makes two functions anew.

-- Puts off a reading whose member has no standing now, so that it holds up no other. One that another
-- worker has taken up meanwhile is not due, and stays that worker's.
create or replace function accord.put_off_reading(record uuid, until timestamptz) returns void
language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
    select accord.only_for('reading');
    update public.exhibit_reading r
       set next_at = until, state = 'waiting', lost = r.lost + (r.state = 'reading')::integer
     where r.record_id = record and r.state in ('waiting', 'reading')
       and r.next_at <= accord.clock()
$$;

-- Says why a derivation is not made, whatever became of the standing of who asked. Which reason there
-- is, the table checks.
drop function accord.refuse_derivation(uuid);
create function accord.refuse_derivation(derivation uuid, why text) returns void
language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
    select accord.only_for('deriving');
    update public.derivation d
       set state = 'refused', reason = why, done_at = accord.clock(), sealed = ''
     where d.id = derivation and d.state in ('queued', 'running')
$$;
revoke execute on function accord.refuse_derivation(uuid, text) from public;
grant execute on function accord.refuse_derivation(uuid, text) to accord_app
