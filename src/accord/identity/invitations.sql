-- How another agency comes to a node that stands: by a link of the operator (docs/decisions/0031). Owned
-- by accord_probe; the application has no right to the invitations themselves.

-- What the holder of this link is invited as; no row where it is used, void, over or none.
create function accord.invited(token bytea) returns table (agency_id text, light boolean)
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select i.agency_id, i.light
      from public.agency_invitation i
     where i.token_hash = token and i.used_at is null and i.voided_at is null
       and i.expires_at > clock_timestamp()
       and not exists (select 1 from public.agency a where a.id = i.agency_id)
$$;

-- The invited agency, its key and its two administrators, once; facts as accord.add_agency takes them.
create function accord.join_node(token bytea, key bytea, facts jsonb) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
    is_light boolean;
begin
    update public.agency_invitation i set used_at = clock_timestamp()
     where i.token_hash = token and i.used_at is null and i.voided_at is null
       and i.expires_at > clock_timestamp() and i.agency_id = facts #>> '{agency,id}'
    returning i.light into is_light;
    if is_light is null or accord.setting_up() then
        raise exception 'accord: no standing' using errcode = '42501';
    end if;
    perform accord.add_agency(key, facts, is_light);
end $$;

revoke execute on function accord.invited(bytea), accord.join_node(bytea, bytea, jsonb) from public;
grant execute on function accord.invited(bytea), accord.join_node(bytea, bytea, jsonb) to accord_app
