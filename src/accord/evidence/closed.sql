-- Which of these own records an alarm has closed to other agencies: also for a member who handles no
-- evidence and so reads no alarm, since the database gives nobody a new key to them (held.sql). Of other
-- agencies' records it tells nothing. Owned by accord_probe.
create function accord.own_closed(record_ids uuid[]) returns setof uuid
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select a.record_id from public.custody_alarm a
     where a.record_id = any(record_ids) and a.closed_at is null
       and a.owner_id = (select accord.seal_agency())
     order by a.record_id
$$;
revoke execute on function accord.own_closed(uuid[]) from public;
grant execute on function accord.own_closed(uuid[]) to accord_app
