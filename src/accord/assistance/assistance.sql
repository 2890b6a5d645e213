-- Which agencies know what the sealed member's agency can do, and the other way round: those that are
-- party, together with it, to an agreement in force; the sealed agency itself is not among them where
-- it has signed none. The standing says who they are, from the texts whose signatures it verified:
-- the column agreement_version.parties is as whoever put the row in wrote it.
create function accord.seal_together() returns text[]
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select array(
        select p.party
          from accord.standing s
               cross join lateral jsonb_array_elements_text(s.facts -> 'together') as p(party)
         where s.id = (select (accord.seal_claims()).standing) and s.valid_until > now())
$$;

-- The entries of the directory that the sealed member finds: of the own agency and of those above,
-- while all of this holds:
--   1. the agency attested it, and what it attested last has not run out;
--   2. nobody withdrew it;
--   3. the agency is not suspended;
--   4. it is about a unit, or the membership of whom it is about is in force.
create function accord.listed_expertise() returns uuid[]
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select array(
        select e.id
          from public.expertise e
               join public.agency a on a.id = e.agency_id
               join lateral (
                   select x.until from public.expertise_act x
                    where x.expertise_id = e.id and x.act = 'attest'
                    order by x.at desc, x.id desc limit 1) attested on true
               left join public.expertise_holder h on h.expertise_id = e.id
               left join public.membership m on m.id = h.membership_id
         where (e.agency_id = (select accord.seal_agency())
                or e.agency_id = any ((select accord.seal_together())::text[]))
           and attested.until > (select accord.clock())
           and not exists (select 1 from public.expertise_act w
                            where w.expertise_id = e.id and w.act = 'withdraw')
           and (a.suspended_at is null or a.suspended_at > (select accord.clock()))
           and (e.is_unit
                or m.agency_id = e.agency_id and accord.in_force(m, (select accord.clock())))
         order by e.id)
$$;

revoke execute on function accord.seal_together(), accord.listed_expertise() from public;
grant execute on function accord.seal_together(), accord.listed_expertise() to accord_app
