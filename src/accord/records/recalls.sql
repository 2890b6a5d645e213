-- What a recall says of an own record, also where whoever withdraws it may not read it.
create function accord.own_head(wanted uuid)
returns table (schema text, legal_hold boolean, kinds text[])
language sql stable security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan as $$
    select r.schema, r.legal_hold,
           array(select p.kind from public.part p
                  where p.record_id = r.id and p.superseded_at is null order by p.kind)
      from public.record r
     where r.id = wanted and r.owner_id = (select accord.seal_agency())
$$;
revoke execute on function accord.own_head(uuid) from public;
grant execute on function accord.own_head(uuid) to accord_app
