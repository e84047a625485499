//! Everything that we hold of a member, for them to take away (POPIA s 23).

use serde_json::Value;
use sqlx::PgConnection;

use super::member::Member;
use crate::{error::Result, id::Id};

/// As JSON. Hashes of secrets are left out, since they say nothing of anybody.
pub async fn everything(db: &mut PgConnection, member: Id<Member>) -> Result<Value> {
    let everything = sqlx::query_scalar!(
        r#"select jsonb_build_object(
               'member', (
                   select jsonb_build_object('name', m.name, 'email', m.email, 'email_verified_at', m.email_verified_at,
                       'phone', m.phone, 'home', l.slug, 'standing', m.standing, 'standing_reason', m.standing_reason,
                       'notes', m.notes, 'since', m.created_at)
                   from members m left join locations l on l.id = m.home_location_id where m.id = $1),
               'companies', (
                   select coalesce(jsonb_agg(jsonb_build_object('name', c.name, 'role', p.role) order by c.name), '[]')
                   from company_people p join companies c on c.id = p.company_id where p.member_id = $1),
               'bookings', (
                   select coalesce(jsonb_agg(jsonb_build_object('reference', b.reference, 'space', s.slug,
                       'from', lower(b.during), 'until', upper(b.during), 'people', b.people, 'title', b.title,
                       'notes', b.notes, 'status', b.status, 'channel', b.channel, 'total_cents', b.total_cents,
                       'kept_cents', b.kept_cents, 'price', b.price, 'terms_version', b.terms_version,
                       'booked_at', b.created_at, 'cancelled_at', b.cancelled_at) order by b.id), '[]')
                   from bookings b join spaces s on s.id = b.space_id where b.member_id = $1),
               'account', (
                   select coalesce(jsonb_agg(jsonb_build_object('at', e.created_at, 'kind', e.kind, 'cents', e.cents,
                       'description', e.description) order by e.created_at, e.id), '[]')
                   from ledger_entries e join accounts a on a.id = e.account_id where a.member_id = $1),
               'marketing', (
                   select coalesce(jsonb_agg(to_jsonb(c) - 'id' - 'member_id' - 'address' order by c.id), '[]')
                   from consents c where c.member_id = $1),
               'sessions', (
                   select coalesce(jsonb_agg(jsonb_build_object('device', device, 'signed_in_at', created_at,
                       'seen_at', seen_at) order by created_at), '[]')
                   from sessions where member_id = $1),
               'api_tokens', (
                   select coalesce(jsonb_agg(jsonb_build_object('name', name, 'made_at', created_at,
                       'last_used_at', last_used_at, 'revoked_at', revoked_at) order by id), '[]')
                   from api_tokens where member_id = $1),
               'email_changes', (
                   select coalesce(jsonb_agg(jsonb_build_object('from', old_email, 'to', new_email,
                       'asked_at', created_at, 'confirmed_at', confirmed_at) order by id), '[]')
                   from email_changes where member_id = $1),
               'done', (
                   select coalesce(jsonb_agg(jsonb_build_object('at', at, 'what', verb, 'of', subject) order by id), '[]')
                   from audit_events where actor_id = $1)) as "everything!""#,
        member.get()
    )
    .fetch_one(db)
    .await?;
    Ok(everything)
}
