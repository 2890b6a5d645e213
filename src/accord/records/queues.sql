-- Whose turn it is, for a worker that then takes standing: numbers, members and purposes, and nothing
-- of what waits. Who is not in force (accord.in_force) waits outside the line, or they would fill it.

-- Which runs of intake wait for a worker.
create or replace function accord.waiting_runs(timestamptz)
returns table (run_id uuid, membership_id text, purpose text)
language sql stable security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan as $$
    select i.id, i.membership_id, i.purpose
      from public.intake_run i
      join public.membership m on m.id = i.membership_id and accord.in_force(m, accord.clock())
     where i.state = 'queued' or (i.state = 'running' and i.updated_at < $1)
     order by i.created_at, i.id
     limit 20
$$;

-- Which files nobody has mapped since a moment; who sent them says that they go.
create or replace function accord.unmapped_runs(timestamptz)
returns table (run_id uuid, membership_id text, purpose text)
language sql stable security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan as $$
    select i.id, i.membership_id, i.purpose
      from public.intake_run i
      join public.membership m on m.id = i.membership_id and accord.in_force(m, accord.clock())
     where i.state = 'unmapped' and i.updated_at < $1
     order by i.created_at, i.id
     limit 200
$$;

-- Ends those whose sender is not in force, under which no run can be ended: returns which, at most 200.
-- Nobody has standing for it: the worker says why in words, and takes the files away. None goes before a
-- day has passed (accord.exchange.jobs.UNMAPPED_FOR), whatever moment is asked for.
create function accord.end_unmapped_runs(before timestamptz, why text) returns setof uuid
language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
    update public.intake_run i
       set state = 'failed', failure = why, updated_at = accord.clock()
     where i.id in (
        select u.id from public.intake_run u
         where u.state = 'unmapped'
           and u.updated_at < least(before, accord.clock() - interval '1 day')
           and not exists (select 1 from public.membership m
                            where m.id = u.membership_id and accord.in_force(m, accord.clock()))
         order by u.created_at, u.id limit 200
           for update skip locked)
    returning i.id
$$;

-- Whose subscriptions are to be asked again. This one and the next are made anew in lines.sql.
create or replace function accord.subscriptions_to_ask(before timestamptz)
returns table (membership_id text, purpose text, legal_basis text, case_number text)
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select s.membership_id, s.purpose, s.legal_basis, s.case_number
      from public.subscription s
      join public.membership m on m.id = s.membership_id and accord.in_force(m, accord.clock())
     where s.state = 'active' and s.asked_at <= before
     group by 1, 2, 3, 4
     order by min(s.asked_at), 1, 2, 3, 4
     limit 100
$$;

-- What time has brought: access that ended, and notices that no determination holds back any more.
-- Last come those that nobody can discharge: who owes them is not in force, and the agency has no
-- oversight officer.
create or replace function accord.duties_come_due(moment timestamptz)
returns table (duty_id uuid, agency text, by_member text)
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    with due as materialized (
        select d.id, d.agency, d.by_member, d.made_at
          from public.duty d
         where d.discharged_at is null
           and ((d.kind = 'end-access' and d.due_at <= moment and not d.held)
             or (d.kind = 'notify-after' and d.waits_for = '{}' and d.due_at <= moment)
             or (d.kind = 'notify-after' and d.waits_for <> '{}' and not exists (
                    select 1
                      from public.part p
                      join public.part_key k on k.part_id = p.id
                     where p.record_id = d.record_id and k.key = any (d.waits_for)
                       and k.valid_from <= moment
                       and (k.valid_until is null or k.valid_until > moment))
                 and not exists (
                    select 1
                      from public.statement s
                     where s.id = any (d.waits_for) and s.ends > moment
                       and not exists (
                            select 1 from public.statement_act a
                             where a.statement_id = s.id and a.act = 'revoked'))))
    ),
    -- Each member and each agency is asked about once, however many duties it has.
    in_office as materialized (
        select o.by_member
          from (select distinct by_member from due) o
          join public.membership m on m.id = o.by_member
         where accord.in_force(m, moment)
    ),
    overseen as materialized (
        select o.agency
          from (select distinct agency from due
                 where by_member not in (select by_member from in_office)) o
         where exists (
                select 1 from public.membership m
                 where m.agency_id = o.agency
                   and accord.in_force(m, moment)
                   and 'oversight-officer' = any (accord.held_roles(m, moment)))
    )
    select due.id, due.agency, due.by_member
      from due
     order by due.by_member not in (select by_member from in_office)
              and due.agency not in (select agency from overseen),
              due.agency, due.by_member, due.made_at, due.id
     limit 1000
$$;

do $$
declare
    made regprocedure;
begin
    foreach made in array array[
        'accord.waiting_runs(timestamptz)', 'accord.unmapped_runs(timestamptz)',
        'accord.end_unmapped_runs(timestamptz,text)', 'accord.subscriptions_to_ask(timestamptz)',
        'accord.duties_come_due(timestamptz)']::regprocedure[]
    loop
        execute format('revoke execute on function %s from public', made);
        execute format('grant execute on function %s to accord_app', made);
    end loop;
end $$
