-- Whose turn it is, made anew: whoever the worker could do nothing for a moment ago stands aside
-- (accord.platform.aside), or enough of them would fill the line of everybody else.
drop function accord.subscriptions_to_ask(timestamptz);
drop function accord.duties_come_due(timestamptz);

-- Whose subscriptions are to be asked again, but those of members who stand aside.
create function accord.subscriptions_to_ask(before timestamptz, aside text[] default '{}')
returns table (membership_id text, purpose text, legal_basis text, case_number text)
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select s.membership_id, s.purpose, s.legal_basis, s.case_number
      from public.subscription s
      join public.membership m on m.id = s.membership_id and accord.in_force(m, accord.clock())
     where s.state = 'active' and s.asked_at <= before and s.membership_id <> all (aside)
     group by 1, 2, 3, 4
     order by min(s.asked_at), 1, 2, 3, 4
     limit 100
$$;

-- What time has brought: access that ended, and notices that no determination holds back any more, but
-- those of members who stand aside. An emergency holds back while it stands (docs/decisions/0020).
-- Last come those that nobody can discharge: who owes them is not in force, and the agency has no
-- oversight officer.
create function accord.duties_come_due(moment timestamptz, aside text[] default '{}')
returns table (duty_id uuid, agency text, by_member text)
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    with due as materialized (
        select d.id, d.agency, d.by_member, d.made_at
          from public.duty d
         where d.discharged_at is null and d.by_member <> all (aside)
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
                       and accord.statement_stands(s.id))))
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

revoke execute on function accord.subscriptions_to_ask(timestamptz, text[]),
    accord.duties_come_due(timestamptz, text[]) from public;
grant execute on function accord.subscriptions_to_ask(timestamptz, text[]),
    accord.duties_come_due(timestamptz, text[]) to accord_app
