//! Everything that we hold of a member, for them to take away (POPIA s 23).

use serde_json::Value;
use sqlx::PgConnection;

use super::member::Member;
use crate::{error::Result, id::Id};

/// As JSON. Hashes of secrets are left out, since they say nothing of anybody. Of mails there is what we keep:
/// which were written for the member in the last 30 days, and their text where nothing is sent. What was left
/// under an email address is theirs once the address is proven to be.
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
                       'notes', b.notes, 'contact_name', b.contact_name, 'contact_phone', b.contact_phone,
                       'purchase_order', b.purchase_order, 'status', b.status, 'channel', b.channel, 'total_cents', b.total_cents,
                       'kept_cents', b.kept_cents, 'price', b.price, 'terms_version', b.terms_version,
                       'booked_at', b.created_at, 'cancelled_at', b.cancelled_at, 'decision_note', b.decision_note) order by b.id), '[]')
                   from bookings b join spaces s on s.id = b.space_id where b.member_id = $1),
               'guests', (
                   select coalesce(jsonb_agg(jsonb_build_object('booking', b.reference, 'name', g.name, 'email', g.email,
                       'invited_at', g.invited_at, 'declined_at', g.declined_at, 'arrived_at', g.arrived_at) order by g.id), '[]')
                   from guests g join bookings b on b.id = g.booking_id
                   where g.forgotten_at is null and (b.member_id = $1 or g.invited_by = $1)),
               'invited_as_guest', (
                   select coalesce(jsonb_agg(jsonb_build_object('by', h.name, 'from', lower(b.during), 'name', g.name,
                       'invited_at', g.invited_at, 'declined_at', g.declined_at, 'arrived_at', g.arrived_at) order by g.id), '[]')
                   from guests g join bookings b on b.id = g.booking_id join members h on h.id = b.member_id
                   where g.email = (select email from members where id = $1 and email_verified_at is not null)),
               'passes', (
                   select coalesce(jsonb_agg(jsonb_build_object('reference', p.reference, 'name', p.name,
                       'first', lower(p.valid), 'last', upper(p.valid) - 1, 'days', p.days, 'total_cents', p.total_cents,
                       'price', p.price, 'purchase_order', p.purchase_order, 'terms_version', p.terms_version,
                       'bought_at', p.created_at, 'given_back_at', p.cancelled_at, 'drawn', (
                           select coalesce(jsonb_agg(jsonb_build_object('date', d.on_date, 'booking', b.reference,
                               'returned', not (d.active or d.kept)) order by d.on_date, b.reference), '[]')
                           from pass_days d join bookings b on b.id = d.booking_id where d.pass_id = p.id)) order by p.id), '[]')
                   from passes p where p.member_id = $1),
               'waitlist', (
                   select coalesce(jsonb_agg(jsonb_build_object('reference', w.reference, 'location', l.slug, 'kind', w.kind,
                       'space', s.slug, 'first_day', w.first_day, 'last_day', w.last_day, 'since', w.created_at,
                       'ended_at', w.ended_at, 'ended_because', w.ended_because) order by w.created_at, w.id), '[]')
                   from waitlist_entries w join locations l on l.id = w.location_id left join spaces s on s.id = w.space_id
                   where w.member_id = $1),
               'favourites', (
                   select coalesce(jsonb_agg(s.slug order by f.position), '[]')
                   from favourites f join spaces s on s.id = f.space_id where f.member_id = $1),
               'account', (
                   select coalesce(jsonb_agg(jsonb_build_object('at', e.created_at, 'kind', e.kind, 'cents', e.cents,
                       'description', e.description) order by e.created_at, e.id), '[]')
                   from ledger_entries e join account_holders h using (account_id) where h.member_id = $1),
               'marketing', (
                   select coalesce(jsonb_agg(to_jsonb(c) - 'id' - 'member_id' - 'address' order by c.id), '[]')
                   from consents c where c.member_id = $1
                      or c.member_id in (select id from members where merged_into = $1)),
               'notes', (
                   select coalesce(jsonb_agg(jsonb_build_object('at', n.at, 'body', n.body) order by n.at), '[]')
                   from member_notes n where n.member_id = $1),
               'second_step', (
                   select jsonb_build_object('since', confirmed_at) from authenticators
                   where member_id = $1 and confirmed_at is not null),
               'sessions', (
                   select coalesce(jsonb_agg(jsonb_build_object('device', device, 'signed_in_at', created_at,
                       'seen_at', seen_at) order by created_at), '[]')
                   from sessions where member_id = $1),
               'browsers', (
                   select coalesce(jsonb_agg(jsonb_build_object('device', device, 'first_used_at', created_at,
                       'last_used_at', seen_at) order by created_at), '[]')
                   from browsers where member_id = $1),
               'api_tokens', (
                   select coalesce(jsonb_agg(jsonb_build_object('name', name, 'made_at', created_at,
                       'last_used_at', last_used_at, 'revoked_at', revoked_at) order by id), '[]')
                   from api_tokens where member_id = $1),
               'calendar_addresses', (
                   select coalesce(jsonb_agg(jsonb_build_object('space', s.slug, 'made_at', f.made_at,
                       'last_read_at', f.last_read_at, 'revoked_at', f.revoked_at) order by f.id), '[]')
                   from calendar_feeds f left join spaces s on s.id = f.space_id where f.member_id = $1),
               'email_changes', (
                   select coalesce(jsonb_agg(jsonb_build_object('from', old_email, 'to', new_email,
                       'asked_at', created_at, 'confirmed_at', confirmed_at) order by id), '[]')
                   from email_changes where member_id = $1),
               'invitations', (
                   select coalesce(jsonb_agg(jsonb_build_object('company', c.name, 'role', i.role, 'at', i.created_at,
                       'accepted_at', i.accepted_at) order by i.id), '[]')
                   from company_invitations i join companies c on c.id = i.company_id
                   where i.email = (select email from members where id = $1 and email_verified_at is not null)),
               'viewings', (
                   select coalesce(jsonb_agg(jsonb_build_object('reference', v.reference, 'location', l.slug, 'status', v.status,
                       'name', v.name, 'phone', v.phone, 'company', v.company, 'people', v.people, 'at', v.created_at,
                       'visit', lower(v.during), 'said', (
                           select coalesce(jsonb_agg(jsonb_build_object('at', n.at, 'kind', n.kind, 'body', n.body) order by n.at, n.id), '[]')
                           from viewing_notes n where n.viewing_id = v.id)) order by v.id), '[]')
                   from viewings v join locations l on l.id = v.location_id
                   where v.member_id = $1
                      or v.email = (select email from members where id = $1 and email_verified_at is not null)),
               'questions', (
                   select coalesce(jsonb_agg(jsonb_build_object('reference', q.reference, 'location', l.slug, 'status', q.status,
                       'body', q.body, 'at', q.created_at, 'answers', (
                           select coalesce(jsonb_agg(jsonb_build_object('at', a.at, 'body', a.body) order by a.at, a.id), '[]')
                           from question_answers a where a.question_id = q.id)) order by q.id), '[]')
                   from questions q join locations l on l.id = q.location_id
                   where q.email = (select email from members where id = $1 and email_verified_at is not null)),
               'openings_to_be_told_of', (
                   select coalesce(jsonb_agg(jsonb_build_object('location', l.slug, 'agreed', i.consent, 'at', i.consented_at,
                       'withdrawn_at', i.withdrawn_at) order by i.id), '[]')
                   from interests i join locations l on l.id = i.location_id
                   where i.email = (select email from members where id = $1 and email_verified_at is not null)),
               'mails', (
                   select coalesce(jsonb_agg(jsonb_build_object('about', j.kind, 'asked_at', j.created_at,
                       'written_at', j.done_at) order by j.id), '[]')
                   from jobs j
                   where j.payload ->> 'member' = $1::text
                      or j.payload ->> 'booking' in (select id::text from bookings where member_id = $1)
                      or j.payload ->> 'pass' in (select id::text from passes where member_id = $1)
                      or j.payload ->> 'link' in (select id::text from links where member_id = $1)
                      or j.payload ->> 'change' in (select id::text from email_changes where member_id = $1)
                      or j.payload ->> 'token' in (select id::text from api_tokens where member_id = $1)),
               'mails_kept', (
                   select coalesce(jsonb_agg(jsonb_build_object('at', k.kept_at, 'subject', k.subject, 'text', k.text)
                       order by k.id), '[]')
                   from mails k
                   where lower(k.to_address) = (select email from members where id = $1 and email_verified_at is not null)),
               'done', (
                   select coalesce(jsonb_agg(jsonb_build_object('at', at, 'what', verb, 'of', subject) order by id), '[]')
                   from audit_events where actor_id = $1)) as "everything!""#,
        member.get()
    )
    .fetch_one(db)
    .await?;
    Ok(everything)
}
