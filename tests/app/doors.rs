//! Who may go where: every route of the program with who reaches it, tried by everybody. A route that is
//! not in the list fails the test of the architecture.

use std::collections::{BTreeMap, BTreeSet};

use connect_space::app;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::{Api, House, Page, Person};

/// Who reaches a route. For all others a page is not there, or leads nobody in particular to signing in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Who {
    Anyone,
    /// Whoever is signed in.
    SignedIn,
    /// The member whose thing the address names.
    Theirs,
    /// They, and all who work here.
    TheirsAndStaff,
    Staff,
    /// The managers of any location, and owners.
    Managers,
    /// The managers of the location that the address is about, and owners.
    ManagersHere,
    Owners,
}
use Who::*;

/// Pages with their methods, then the API below `/api/v1`, by address.
pub const ROUTES: &[(&str, &str, Who)] = &[
    ("GET", "/", Anyone),
    ("GET", "/accessibility", Anyone),
    ("GET", "/account", SignedIn),
    ("POST", "/account", SignedIn),
    ("POST", "/account/marketing", SignedIn),
    ("GET", "/waitlist/new", SignedIn),
    ("POST", "/waitlist", SignedIn),
    ("POST", "/waitlist/{reference}/departure", Theirs),
    ("GET", "/admin/waitlist", Staff),
    ("POST", "/admin/waitlist/{reference}/departure", Staff),
    ("GET", "/account/calendar", SignedIn),
    ("POST", "/account/calendar", SignedIn),
    ("POST", "/account/calendar/ending", SignedIn),
    ("GET", "/account/privacy", SignedIn),
    ("GET", "/account/data.json", SignedIn),
    ("POST", "/account/erasure-request", SignedIn),
    ("POST", "/account/erasure-request/withdrawal", SignedIn),
    ("GET", "/account/email", SignedIn),
    ("POST", "/account/email", SignedIn),
    ("POST", "/account/email/withdrawal", SignedIn),
    ("GET", "/account/email/{secret}", SignedIn),
    ("POST", "/account/email/{secret}", SignedIn),
    ("POST", "/account/marketing", SignedIn),
    ("POST", "/account/password", SignedIn),
    ("GET", "/account/privacy", SignedIn),
    ("POST", "/account/proof", SignedIn),
    ("GET", "/account/security", SignedIn),
    ("GET", "/account/security/second-step", SignedIn),
    ("POST", "/account/security/second-step", SignedIn),
    (
        "POST",
        "/account/security/second-step/confirmation",
        SignedIn,
    ),
    ("GET", "/account/security/second-step/codes", SignedIn),
    ("POST", "/account/security/second-step/codes", SignedIn),
    ("POST", "/account/security/second-step/ending", SignedIn),
    ("POST", "/account/sessions/{id}/ending", Theirs),
    ("POST", "/account/sessions/ending", SignedIn),
    ("POST", "/account/tokens", SignedIn),
    ("POST", "/account/tokens/{id}/ending", Theirs),
    ("GET", "/admin", Staff),
    ("GET", "/admin/arrivals", Staff),
    ("GET", "/admin/articles", Managers),
    ("POST", "/admin/articles", Managers),
    ("GET", "/admin/articles/new", Managers),
    ("GET", "/admin/articles/{slug}", Managers),
    ("POST", "/admin/articles/{slug}", Managers),
    ("POST", "/admin/bookings/{reference}/attendance", Staff),
    ("GET", "/admin/bookings/{reference}/overrun", Staff),
    ("POST", "/admin/bookings/{reference}/overrun", Staff),
    ("GET", "/admin/audit", Managers),
    ("GET", "/admin/audit.csv", Managers),
    ("GET", "/admin/articles/{slug}/cover", Managers),
    ("POST", "/admin/articles/{slug}/cover", Managers),
    ("POST", "/admin/articles/{slug}/cover/removal", Managers),
    ("GET", "/admin/closures", Staff),
    ("POST", "/admin/closures", Staff),
    ("GET", "/admin/closures/{reference}", Staff),
    ("POST", "/admin/closures/{reference}", Staff),
    (
        "POST",
        "/admin/closures/{reference}/bookings/{booking}/call",
        Staff,
    ),
    (
        "POST",
        "/admin/closures/{reference}/bookings/{booking}/outcome",
        Staff,
    ),
    ("POST", "/admin/closures/{reference}/reopening", Staff),
    ("GET", "/admin/bookings/{reference}", Staff),
    ("POST", "/admin/bookings/{reference}/cancellation", Staff),
    ("POST", "/admin/bookings/{reference}/change", Staff),
    ("POST", "/admin/bookings/{reference}/decision", Staff),
    ("POST", "/admin/bookings/{reference}/memo", Staff),
    ("POST", "/admin/bookings/{reference}/guests", Staff),
    (
        "POST",
        "/admin/bookings/{reference}/guests/{guest}/removal",
        Staff,
    ),
    (
        "POST",
        "/admin/bookings/{reference}/guests/{guest}/attendance",
        Staff,
    ),
    ("POST", "/admin/bookings/{reference}/undo", Staff),
    ("GET", "/admin/day", Staff),
    ("GET", "/admin/keys", Staff),
    ("POST", "/admin/keys", Staff),
    ("GET", "/admin/members", Staff),
    ("GET", "/admin/members/new", Staff),
    ("POST", "/admin/members/new", Staff),
    ("GET", "/admin/members/{reference}", Staff),
    ("GET", "/admin/members/{reference}/details", Staff),
    ("POST", "/admin/members/{reference}/details", Staff),
    ("POST", "/admin/members/{reference}/standing", Staff),
    ("POST", "/admin/members/{reference}/notes", Staff),
    ("POST", "/admin/members/{reference}/invitation", Staff),
    ("POST", "/admin/members/{reference}/marketing", Staff),
    ("POST", "/admin/members/{reference}/erasure-request", Staff),
    ("GET", "/admin/members/{reference}/data.json", Managers),
    ("GET", "/admin/members/{reference}/erasure", Managers),
    ("POST", "/admin/members/{reference}/erasure", Managers),
    ("GET", "/admin/members/{reference}/passes/new", Staff),
    ("POST", "/admin/members/{reference}/passes/new", Staff),
    ("GET", "/admin/members/{reference}/merge", Managers),
    ("POST", "/admin/members/{reference}/merge", Managers),
    ("GET", "/admin/members/{reference}/statement", Managers),
    ("GET", "/admin/members/{reference}/statement.csv", Managers),
    ("GET", "/admin/companies", Staff),
    ("GET", "/admin/companies/new", Staff),
    ("POST", "/admin/companies/new", Staff),
    ("GET", "/admin/companies/{slug}", Staff),
    ("POST", "/admin/companies/{slug}", Staff),
    ("POST", "/admin/companies/{slug}/people", Staff),
    (
        "POST",
        "/admin/companies/{slug}/people/{reference}/role",
        Staff,
    ),
    (
        "POST",
        "/admin/companies/{slug}/people/{reference}/removal",
        Staff,
    ),
    ("GET", "/admin/companies/{slug}/statement", Managers),
    ("GET", "/admin/companies/{slug}/statement.csv", Managers),
    ("GET", "/admin/payments/new", Staff),
    ("POST", "/admin/payments/new", Staff),
    ("POST", "/admin/bookings/{reference}/waiver", Staff),
    ("GET", "/admin/cash-up", Staff),
    ("GET", "/admin/locations/{slug}/cash-up", Staff),
    ("POST", "/admin/locations/{slug}/cash-up", Staff),
    ("GET", "/admin/locations/{slug}/cash-ups", ManagersHere),
    ("GET", "/admin/locations/{slug}/cash-ups.csv", ManagersHere),
    ("GET", "/receipts/{number}", TheirsAndStaff),
    ("GET", "/admin/switch", Staff),
    ("POST", "/admin/switch", Staff),
    ("POST", "/admin/lock", Staff),
    ("POST", "/admin/activity", Staff),
    ("GET", "/admin/computer", Staff),
    ("POST", "/admin/computer", Staff),
    ("POST", "/admin/computer/ending", Staff),
    ("GET", "/admin/proof", Staff),
    ("POST", "/admin/proof", Staff),
    ("POST", "/account/pin", Staff),
    ("POST", "/account/pin/ending", Staff),
    ("GET", "/admin/staff", Owners),
    ("POST", "/admin/staff", Owners),
    ("POST", "/admin/staff/{reference}", Owners),
    ("POST", "/admin/staff/{reference}/dismissal", Owners),
    ("POST", "/admin/jobs/{id}/attempt", Staff),
    ("GET", "/api/docs", Anyone),
    ("GET", "/api/docs/staff", Anyone),
    ("GET", "/admin/bookings", Staff),
    ("POST", "/admin/bookings", Staff),
    ("GET", "/admin/bookings/cancellations", Staff),
    ("POST", "/admin/bookings/cancellations", Staff),
    ("GET", "/admin/bookings/export.csv", Managers),
    ("GET", "/admin/bookings/sheet", Staff),
    ("GET", "/admin/week", Staff),
    ("POST", "/admin/bookings/drafts", Staff),
    ("POST", "/admin/bookings/drafts/{id}/discard", Staff),
    ("GET", "/admin/bookings/new", Staff),
    ("GET", "/admin/questions", Staff),
    ("GET", "/admin/questions/{reference}", Staff),
    ("POST", "/admin/questions/{reference}/answer", Staff),
    ("POST", "/admin/questions/{reference}/status", Staff),
    ("GET", "/admin/viewings", Staff),
    ("GET", "/admin/viewings/export.csv", Managers),
    ("GET", "/admin/viewings/funnel", Managers),
    ("GET", "/admin/viewings/new", Staff),
    ("POST", "/admin/viewings/new", Staff),
    ("GET", "/admin/viewings/{reference}", Staff),
    ("GET", "/admin/viewings/{reference}/details", Staff),
    ("POST", "/admin/viewings/{reference}/details", Staff),
    ("POST", "/admin/viewings/{reference}/notes", Staff),
    ("POST", "/admin/viewings/{reference}/plan", Staff),
    ("POST", "/admin/viewings/{reference}/stage", Staff),
    ("POST", "/admin/viewings/{reference}/visit", Staff),
    ("POST", "/admin/viewings/{reference}/win", Staff),
    ("GET", "/admin/locations/{slug}/photos", ManagersHere),
    ("POST", "/admin/locations/{slug}/photos", ManagersHere),
    ("POST", "/admin/photos/{id}", ManagersHere),
    ("POST", "/admin/photos/{id}/position", ManagersHere),
    ("POST", "/admin/photos/{id}/removal", ManagersHere),
    ("GET", "/admin/spaces/{slug}/displays", ManagersHere),
    ("POST", "/admin/spaces/{slug}/displays", ManagersHere),
    (
        "POST",
        "/admin/spaces/{slug}/displays/{id}/ending",
        ManagersHere,
    ),
    ("GET", "/display/{secret}", Anyone),
    ("GET", "/display/worker.js", Anyone),
    ("GET", "/display/{secret}/booking", Anyone),
    ("POST", "/display/{secret}/booking", Anyone),
    ("POST", "/display/{secret}/booking/ending", Anyone),
    ("GET", "/display/{secret}/presence", Anyone),
    ("POST", "/display/{secret}/presence", Anyone),
    ("GET", "/d/{code}", Anyone),
    ("POST", "/d/{code}", SignedIn),
    ("GET", "/admin/extras", Managers),
    ("POST", "/admin/extras", Managers),
    ("GET", "/admin/extras/{location}/{extra}", ManagersHere),
    ("POST", "/admin/extras/{location}/{extra}", ManagersHere),
    ("GET", "/admin/bookings/{reference}/extras", Staff),
    ("POST", "/admin/bookings/{reference}/extras", Staff),
    ("GET", "/bookings/{reference}/extras", Theirs),
    ("POST", "/bookings/{reference}/extras", Theirs),
    ("GET", "/admin/spaces/{slug}/parts", ManagersHere),
    ("POST", "/admin/spaces/{slug}/parts", ManagersHere),
    ("GET", "/admin/settings", Managers),
    ("GET", "/admin/settings/sign-in", Owners),
    ("POST", "/admin/settings/sign-in", Owners),
    ("GET", "/admin/settings/operator", Owners),
    ("POST", "/admin/settings/operator", Owners),
    ("GET", "/admin/locations", Managers),
    ("GET", "/admin/locations/new", Owners),
    ("POST", "/admin/locations/new", Owners),
    ("GET", "/admin/locations/{slug}", ManagersHere),
    ("POST", "/admin/locations/{slug}", ManagersHere),
    ("GET", "/admin/locations/{slug}/floors", ManagersHere),
    ("POST", "/admin/locations/{slug}/floors", ManagersHere),
    (
        "POST",
        "/admin/locations/{slug}/floors/{level}",
        ManagersHere,
    ),
    (
        "GET",
        "/admin/locations/{slug}/floors/{level}/plan",
        ManagersHere,
    ),
    (
        "POST",
        "/admin/locations/{slug}/floors/{level}/plan",
        ManagersHere,
    ),
    (
        "POST",
        "/admin/locations/{slug}/floors/{level}/zones",
        ManagersHere,
    ),
    (
        "POST",
        "/admin/locations/{slug}/floors/{level}/zones/removal",
        ManagersHere,
    ),
    ("GET", "/admin/locations/{slug}/hours", ManagersHere),
    ("POST", "/admin/locations/{slug}/hours", ManagersHere),
    (
        "POST",
        "/admin/locations/{slug}/hours/{date}/usual",
        ManagersHere,
    ),
    ("GET", "/admin/locations/{slug}/policies", ManagersHere),
    (
        "GET",
        "/admin/locations/{slug}/policies/{policy}",
        ManagersHere,
    ),
    (
        "POST",
        "/admin/locations/{slug}/policies/{policy}",
        ManagersHere,
    ),
    ("GET", "/admin/locations/{slug}/spaces/new", ManagersHere),
    ("POST", "/admin/locations/{slug}/spaces/new", ManagersHere),
    ("GET", "/admin/pass-products", Managers),
    ("POST", "/admin/pass-products", Managers),
    ("GET", "/admin/pass-products/{product}", ManagersHere),
    ("POST", "/admin/pass-products/{product}", ManagersHere),
    ("GET", "/admin/rates", Managers),
    ("POST", "/admin/rates", Managers),
    ("POST", "/admin/rates/{id}/withdrawal", Managers),
    ("GET", "/admin/spaces/{slug}", ManagersHere),
    ("POST", "/admin/spaces/{slug}", ManagersHere),
    ("GET", "/admin/reports", Managers),
    ("GET", "/admin/reports/{report}/table.csv", Managers),
    ("GET", "/admin/spaces", Staff),
    ("GET", "/admin/spaces/{slug}/photos", ManagersHere),
    ("POST", "/admin/spaces/{slug}/photos", ManagersHere),
    ("GET", "/admin/spaces/{slug}/door", Staff),
    ("POST", "/admin/spaces/{slug}/door", ManagersHere),
    ("GET", "/admin/spaces/{slug}/calendar", Staff),
    ("POST", "/admin/spaces/{slug}/calendar", Staff),
    ("POST", "/admin/spaces/{slug}/calendar/ending", Staff),
    ("GET", "/bookings", SignedIn),
    ("POST", "/bookings", Anyone),
    ("GET", "/bookings/held", Anyone),
    ("GET", "/bookings/{reference}", TheirsAndStaff),
    ("GET", "/bookings/{reference}/again", TheirsAndStaff),
    ("GET", "/bookings/{reference}/cancellation", Theirs),
    ("POST", "/bookings/{reference}/cancellation", Theirs),
    ("GET", "/bookings/{reference}/confirmation", Theirs),
    ("POST", "/bookings/{reference}/confirmation", Theirs),
    ("GET", "/bookings/{reference}/directions", TheirsAndStaff),
    ("POST", "/bookings/{reference}/hold", Theirs),
    ("POST", "/bookings/{reference}/guests", Theirs),
    (
        "POST",
        "/bookings/{reference}/guests/{guest}/removal",
        Theirs,
    ),
    ("GET", "/guests/{secret}", Anyone),
    ("POST", "/guests/{secret}/answer", Anyone),
    ("GET", "/bookings/{reference}/check-in", Theirs),
    ("POST", "/bookings/{reference}/check-in", Theirs),
    ("POST", "/bookings/{reference}/check-in/undo", Theirs),
    ("POST", "/bookings/{reference}/departure", Theirs),
    ("POST", "/bookings/{reference}/lateness", Theirs),
    ("GET", "/bookings/{reference}/move", Theirs),
    ("POST", "/bookings/{reference}/move", Theirs),
    ("GET", "/c/{code}", Anyone),
    ("POST", "/c/{code}", SignedIn),
    ("GET", "/calendar/{file}", Anyone),
    ("GET", "/check-your-mail", Anyone),
    ("GET", "/contact", Anyone),
    ("POST", "/contact", Anyone),
    ("GET", "/contact/thanks", Anyone),
    ("GET", "/healthz", Anyone),
    ("GET", "/house-rules", Anyone),
    ("GET", "/interest/{secret}", Anyone),
    ("POST", "/interest/{secret}", Anyone),
    ("POST", "/interest/{secret}/withdrawal", Anyone),
    ("GET", "/journal", Anyone),
    ("GET", "/journal/feed.xml", Anyone),
    ("GET", "/journal/{slug}", Anyone),
    ("GET", "/invitations/{secret}", Anyone),
    ("POST", "/invitations/{secret}", Anyone),
    ("GET", "/links/{secret}", Anyone),
    ("POST", "/links/{secret}", Anyone),
    ("GET", "/live", Anyone),
    ("GET", "/locations/{slug}", Anyone),
    ("GET", "/locations/{slug}/any-desk", Anyone),
    ("POST", "/locations/{slug}/interest", Anyone),
    ("GET", "/mail", Anyone),
    ("GET", "/mail/{id}", Anyone),
    ("GET", "/mail/{id}/booking.ics", Anyone),
    ("GET", "/mail/{id}/html", Anyone),
    ("GET", "/manifest.webmanifest", Anyone),
    ("GET", "/offices", Anyone),
    ("GET", "/pictures/article/{name}", Anyone),
    ("GET", "/pictures/location/{name}", Anyone),
    ("GET", "/pictures/page/{name}", Anyone),
    ("GET", "/pictures/space/{name}", Anyone),
    ("GET", "/pictures/{name}", Anyone),
    ("GET", "/privacy", Anyone),
    ("GET", "/paia", Anyone),
    ("GET", "/passes", SignedIn),
    ("POST", "/passes", SignedIn),
    ("GET", "/passes/new", SignedIn),
    ("GET", "/passes/{reference}", TheirsAndStaff),
    ("GET", "/passes/{reference}/cancellation", Theirs),
    ("POST", "/passes/{reference}/cancellation", Theirs),
    ("GET", "/pricing", Anyone),
    ("GET", "/photos/{id}/{file}", Anyone),
    ("GET", "/readyz", Anyone),
    ("GET", "/reset-password", Anyone),
    ("POST", "/reset-password", Anyone),
    ("GET", "/robots.txt", Anyone),
    ("POST", "/series", SignedIn),
    ("GET", "/series/new", SignedIn),
    ("GET", "/series/{reference}", TheirsAndStaff),
    ("GET", "/series/{reference}/cancellation", TheirsAndStaff),
    ("POST", "/series/{reference}/cancellation", TheirsAndStaff),
    ("GET", "/series/{reference}/move", TheirsAndStaff),
    ("POST", "/series/{reference}/move", TheirsAndStaff),
    ("GET", "/sign-in", Anyone),
    ("POST", "/sign-in", Anyone),
    ("GET", "/sign-in/code", Anyone),
    ("POST", "/sign-in/code", Anyone),
    ("POST", "/sign-in/code/ending", Anyone),
    ("POST", "/sign-out", Anyone),
    ("GET", "/sign-up", Anyone),
    ("POST", "/sign-up", Anyone),
    ("GET", "/sitemap.xml", Anyone),
    ("GET", "/spaces", Anyone),
    ("GET", "/spaces/{slug}", Anyone),
    ("POST", "/spaces/{slug}/favourite", SignedIn),
    ("GET", "/statement", SignedIn),
    ("GET", "/statement.csv", SignedIn),
    ("GET", "/static/{*name}", Anyone),
    ("GET", "/terms", Anyone),
    ("GET", "/terms/{version}", Anyone),
    ("GET", "/team", SignedIn),
    ("POST", "/team/payer", SignedIn),
    ("GET", "/team/{slug}", Theirs),
    ("POST", "/team/{slug}", Theirs),
    ("POST", "/team/{slug}/invitations", Theirs),
    ("POST", "/team/{slug}/invitations/{id}/withdrawal", Theirs),
    ("POST", "/team/{slug}/people/{member}/removal", Theirs),
    ("POST", "/team/{slug}/people/{member}/role", Theirs),
    ("GET", "/today", SignedIn),
    ("POST", "/today/desk", SignedIn),
    ("GET", "/unsubscribe/{token}", Anyone),
    ("POST", "/unsubscribe/{token}", Anyone),
    ("GET", "/viewings/{secret}", Anyone),
    ("POST", "/viewings/{secret}", Anyone),
    ("POST", "/viewings/{secret}/withdrawal", Anyone),
    ("GET", "/api/v1/availability", SignedIn),
    ("GET", "/api/v1/bookings", SignedIn),
    ("POST", "/api/v1/bookings", SignedIn),
    ("GET", "/api/v1/bookings/{reference}", TheirsAndStaff),
    ("GET", "/api/v1/bookings/{reference}/guests", TheirsAndStaff),
    (
        "POST",
        "/api/v1/bookings/{reference}/guests",
        TheirsAndStaff,
    ),
    (
        "DELETE",
        "/api/v1/bookings/{reference}/guests/{guest}",
        TheirsAndStaff,
    ),
    ("GET", "/api/v1/favourites", SignedIn),
    ("PUT", "/api/v1/favourites/{space}", SignedIn),
    ("DELETE", "/api/v1/favourites/{space}", SignedIn),
    (
        "POST",
        "/api/v1/bookings/{reference}/cancellation",
        TheirsAndStaff,
    ),
    (
        "POST",
        "/api/v1/bookings/{reference}/attendance",
        TheirsAndStaff,
    ),
    ("GET", "/api/v1/bookings/{reference}/change", Theirs),
    (
        "POST",
        "/api/v1/bookings/{reference}/change",
        TheirsAndStaff,
    ),
    ("GET", "/api/v1/waitlist", SignedIn),
    ("POST", "/api/v1/waitlist", SignedIn),
    ("DELETE", "/api/v1/waitlist/{reference}", TheirsAndStaff),
    ("POST", "/api/v1/bookings/{reference}/decision", Staff),
    ("POST", "/api/v1/bookings/{reference}/undo", Staff),
    ("GET", "/api/v1/desk/bookings", Staff),
    ("GET", "/api/v1/closures", Staff),
    ("POST", "/api/v1/closures", Staff),
    ("GET", "/api/v1/closures/places", Staff),
    ("GET", "/api/v1/closures/{reference}", Staff),
    ("PUT", "/api/v1/closures/{reference}", Staff),
    ("POST", "/api/v1/closures/{reference}/reopening", Staff),
    (
        "POST",
        "/api/v1/closures/{reference}/bookings/{booking}/outcome",
        Staff,
    ),
    (
        "POST",
        "/api/v1/closures/{reference}/bookings/{booking}/call",
        Staff,
    ),
    ("GET", "/api/v1/reports/{report}", Managers),
    ("GET", "/api/v1/locations/{slug}/hours", ManagersHere),
    ("PUT", "/api/v1/locations/{slug}/hours", ManagersHere),
    ("PUT", "/api/v1/locations/{slug}/hours/{date}", ManagersHere),
    (
        "DELETE",
        "/api/v1/locations/{slug}/hours/{date}",
        ManagersHere,
    ),
    ("PUT", "/api/v1/locations/{slug}/holidays", ManagersHere),
    ("GET", "/api/v1/locations/{slug}/policies", ManagersHere),
    (
        "PUT",
        "/api/v1/locations/{slug}/policies/{policy}",
        ManagersHere,
    ),
    ("GET", "/api/v1/locations/{slug}/rates", ManagersHere),
    ("POST", "/api/v1/locations/{slug}/rates", ManagersHere),
    (
        "DELETE",
        "/api/v1/locations/{slug}/rates/{id}",
        ManagersHere,
    ),
    ("GET", "/api/v1/locations", SignedIn),
    ("POST", "/api/v1/locations", Owners),
    ("GET", "/api/v1/locations/{slug}", ManagersHere),
    ("PUT", "/api/v1/locations/{slug}", ManagersHere),
    ("GET", "/api/v1/locations/{slug}/floors", ManagersHere),
    ("POST", "/api/v1/locations/{slug}/floors", ManagersHere),
    (
        "PUT",
        "/api/v1/locations/{slug}/floors/{level}",
        ManagersHere,
    ),
    (
        "POST",
        "/api/v1/locations/{slug}/floors/{level}/zones",
        ManagersHere,
    ),
    (
        "DELETE",
        "/api/v1/locations/{slug}/floors/{level}/zones/{zone}",
        ManagersHere,
    ),
    (
        "GET",
        "/api/v1/locations/{slug}/floors/{level}/plan",
        ManagersHere,
    ),
    (
        "PUT",
        "/api/v1/locations/{slug}/floors/{level}/plan",
        ManagersHere,
    ),
    ("GET", "/api/v1/locations/{slug}/spaces", ManagersHere),
    ("POST", "/api/v1/locations/{slug}/spaces", ManagersHere),
    (
        "GET",
        "/api/v1/locations/{slug}/spaces/{space}",
        ManagersHere,
    ),
    (
        "PUT",
        "/api/v1/locations/{slug}/spaces/{space}",
        ManagersHere,
    ),
    ("GET", "/api/v1/setup/pass-products", Managers),
    ("POST", "/api/v1/setup/pass-products", Managers),
    ("PUT", "/api/v1/setup/pass-products/{product}", ManagersHere),
    ("GET", "/api/v1/staff", Owners),
    ("POST", "/api/v1/staff", Owners),
    ("PUT", "/api/v1/staff/{reference}", Owners),
    ("POST", "/api/v1/staff/{reference}/dismissal", Owners),
    ("GET", "/api/v1/openapi.json", Anyone),
    ("GET", "/api/v1/pass-products", SignedIn),
    ("GET", "/api/v1/passes", SignedIn),
    ("POST", "/api/v1/passes", SignedIn),
    ("GET", "/api/v1/passes/{reference}", TheirsAndStaff),
    ("POST", "/api/v1/passes/{reference}/cancellation", Theirs),
    ("GET", "/api/v1/members", Staff),
    ("POST", "/api/v1/members", Staff),
    ("GET", "/api/v1/members/{reference}", Staff),
    ("GET", "/api/v1/members/{reference}/passes", Staff),
    ("POST", "/api/v1/payments", Staff),
    ("GET", "/api/v1/locations/{slug}/extras", SignedIn),
    ("GET", "/api/v1/bookings/{reference}/overrun", Staff),
    ("POST", "/api/v1/bookings/{reference}/overrun", Staff),
    ("PUT", "/api/v1/bookings/{reference}/extras", TheirsAndStaff),
    ("GET", "/api/v1/setup/extras", Managers),
    ("POST", "/api/v1/setup/extras", Managers),
    (
        "PUT",
        "/api/v1/setup/extras/{location}/{extra}",
        ManagersHere,
    ),
    ("GET", "/api/v1/quote", SignedIn),
    ("GET", "/api/v1/series", SignedIn),
    ("POST", "/api/v1/series", SignedIn),
    ("GET", "/api/v1/series/{reference}", TheirsAndStaff),
    (
        "POST",
        "/api/v1/series/{reference}/cancellation",
        TheirsAndStaff,
    ),
    ("POST", "/api/v1/series/{reference}/change", TheirsAndStaff),
    ("GET", "/api/v1/spaces", SignedIn),
    ("GET", "/api/v1/viewings", Staff),
    ("GET", "/api/v1/viewings/{reference}", Staff),
    ("GET", "/api/v1/me", SignedIn),
    ("GET", "/api/v1/quote", SignedIn),
    ("GET", "/api/v1/spaces", SignedIn),
    ("GET", "/api/v1/statement", SignedIn),
];

/// What stands for a placeholder; bookings, passes and what belongs to them are Thandeka's, and places are in
/// Musgrave.
fn filled(path: &str, booking: &str, pass: &str) -> String {
    let stand_ins = [
        ("/closures/{reference}", "/closures/CL-22222".into()),
        ("/waitlist/{reference}", "/waitlist/WL-22222".into()),
        ("/waitlist/new", "/waitlist/new?space=lighthouse".into()),
        ("{booking}", "CS-22222".into()),
        ("{report}", "lead".into()),
        ("{product}", "musgrave-week".into()),
        ("{policy}", "rooms".into()),
        ("{level}", "0".into()),
        ("{zone}", "Quiet".into()),
        ("{date}", "2026-12-24".into()),
        ("/viewings/{reference}", "/viewings/V-22222".into()),
        ("/members/{reference}", "/members/CM-22222".into()),
        ("/api/v1/staff/{reference}", "/api/v1/staff/CM-44444".into()),
        ("/staff/{reference}", "/staff/CM-33333".into()),
        ("/people/{reference}", "/people/CM-33333".into()),
        (
            "/companies/{slug}",
            "/companies/mkhize-and-sons-0000".into(),
        ),
        ("/payments/new", "/payments/new?member=CM-22222".into()),
        ("/receipts/{number}", "/receipts/RC-2026-000001".into()),
        ("/questions/{reference}", "/questions/Q-22222".into()),
        ("/passes/{reference}", format!("/passes/{pass}")),
        ("/passes/new", "/passes/new?product=musgrave-week".into()),
        ("/bookings/{reference}", format!("/bookings/{booking}")),
        ("/series/{reference}", "/series/SR-22222".into()),
        (
            "/locations/{slug}/interest",
            "/locations/ballito/interest".into(),
        ),
        ("/interest/{secret}", "/interest/nothing".into()),
        ("/journal/{slug}", "/journal/ridge".into()),
        ("/articles/{slug}", "/articles/ridge".into()),
        ("/terms/{version}", "/terms/2026-11".into()),
        ("/article/{name}", "/article/ridge.png".into()),
        ("/location/{name}", "/location/musgrave.png".into()),
        ("/page/{name}", "/page/home.png".into()),
        ("/space/{name}", "/space/lighthouse.png".into()),
        ("/pictures/{name}", "/pictures/icon-192.png".into()),
        ("/spaces/{slug}", "/spaces/lighthouse".into()),
        ("/locations/{slug}", "/locations/musgrave".into()),
        ("/links/{secret}", "/links/nothing".into()),
        ("/viewings/{secret}", "/viewings/nothing".into()),
        ("/d/{code}", "/d/22222".into()),
        ("{location}", "musgrave".into()),
        ("{extra}", "tea".into()),
        ("/unsubscribe/{token}", "/unsubscribe/nothing".into()),
        (
            "/contact/thanks",
            "/contact/thanks?location=musgrave".into(),
        ),
        ("/team/{slug}", "/team/mkhize-and-sons-0000".into()),
        ("{space}", "lighthouse".into()),
        ("{guest}", "01940000-0000-7000-8000-000000000002".into()),
        ("{member}", "01940000-0000-7000-8000-000000000001".into()),
        ("{secret}", "nothing".into()),
        ("{*name}", "icon.svg".into()),
        ("/calendar/{file}", "/calendar/nothing.ics".into()),
        ("{code}", "PIER".into()),
        ("{file}", "small.webp".into()),
        ("{id}", "01940000-0000-7000-8000-000000000000".into()),
        ("/quote", "/quote?space=lighthouse".into()),
    ];
    let filled = stand_ins
        .iter()
        .fold(path.to_owned(), |path, (hole, value)| {
            path.replace(hole, value)
        });
    assert!(!filled.contains('{'), "say what stands for {filled}");
    filled
}

/// The people who try; the first part of their addresses. Thandeka is the member whose things they are.
const PEOPLE: [(&str, &[Who]); 6] = [
    ("thandeka", &[Anyone, SignedIn, Theirs, TheirsAndStaff]),
    ("sipho", &[Anyone, SignedIn]),
    ("nomsa", &[Anyone, SignedIn, TheirsAndStaff, Staff]),
    (
        "manager-here",
        &[
            Anyone,
            SignedIn,
            TheirsAndStaff,
            Staff,
            Managers,
            ManagersHere,
        ],
    ),
    (
        "manager-elsewhere",
        &[Anyone, SignedIn, TheirsAndStaff, Staff, Managers],
    ),
    (
        "owner",
        &[
            Anyone,
            SignedIn,
            TheirsAndStaff,
            Staff,
            Managers,
            ManagersHere,
            Owners,
        ],
    ),
];

/// Staff, an article, somebody who wants to be told when a location opens, and a mail and a failed job that
/// go by the stand-in.
const MORE: &str = "
    update floors set plan = '{\"width\": 20, \"height\": 12}';
    insert into articles (id, slug, title, category, author, published_at)
    values (gen_random_uuid(), 'ridge', 'On the ridge', 'advice', 'The test house', '2026-11-01');
    insert into locations (id, slug, name, position, status, time_zone)
    values (gen_random_uuid(), 'ballito', 'Ballito', 9, 'announced', 'Africa/Johannesburg');
    insert into interests (id, location_id, email, consent, token_hash)
    select gen_random_uuid(), id, 'lindiwe@example.com', 'Yes', sha256('nothing') from locations where slug = 'ballito';
    insert into members (id, name, email, email_verified_at)
    select gen_random_uuid(), name, name || '@example.com', now()
    from unnest(array['manager-here', 'manager-elsewhere', 'owner']) name;
    insert into staff (member_id, role, location_id)
    select m.id, role, l.id from (values
        ('manager-here', 'manager', 'musgrave'), ('manager-elsewhere', 'manager', 'paris'), ('owner', 'owner', null)
    ) as s (name, role, slug) join members m on m.name = s.name left join locations l on l.slug = s.slug;
    insert into closures (id, reference, location_id, during, reason, wording)
    select gen_random_uuid(), 'CL-22222', id, '[2027-03-01,2027-03-02)', 'Carpets', 'Carpets' from locations where slug = 'musgrave';
    insert into members (id, name, reference)
    values (gen_random_uuid(), 'A colleague', 'CM-33333'), (gen_random_uuid(), 'Another', 'CM-44444');
    insert into staff (member_id, role) select id, 'receptionist' from members where reference in ('CM-33333', 'CM-44444');
    insert into waitlist_entries (id, reference, member_id, location_id, kind, people, term, minutes, first_day, last_day)
    select gen_random_uuid(), 'WL-22222', m.id, l.id, 'meeting_room', 1, 'time', 60, '2027-03-01', '2027-03-01'
    from members m, locations l where m.email = 'thandeka@example.com' and l.slug = 'musgrave';
    insert into viewings (id, reference, location_id, name, email)
    select gen_random_uuid(), 'V-22222', id, 'Lindiwe', 'lindiwe@example.com' from locations where slug = 'musgrave';
    insert into questions (id, reference, location_id, name, email, body, answer_by)
    select gen_random_uuid(), 'Q-22222', id, 'Lindiwe', 'lindiwe@example.com', 'Why?', now() from locations where slug = 'musgrave';
    insert into mails (id, message_id, to_name, to_address, subject, text, html, calendar, calendar_method)
    values ('01940000-0000-7000-8000-000000000000', 'x', 'Sipho', 'sipho@example.com', 'Booked', 'Booked', 'Booked', 'BEGIN:VCALENDAR', 'REQUEST');
    insert into jobs (id, payload, failed_at)
    values ('01940000-0000-7000-8000-000000000000', '{\"kind\": \"link\"}', now());
    insert into sessions (token_hash, id, member_id, expires_at)
    select sha256('a'), '01940000-0000-7000-8000-000000000000', id, now() + interval '1 day'
    from members where email = 'thandeka@example.com';
    insert into api_tokens (token_hash, id, member_id, name)
    select sha256('a'), '01940000-0000-7000-8000-000000000000', id, 'Display'
    from members where email = 'thandeka@example.com';
    update spaces set door_code = 'PIER' where slug = 'pier';
    insert into extras (id, location_id, slug, name, kinds, unit, cents)
    select gen_random_uuid(), id, 'tea', 'Tea', array['meeting_room'], 'person', 3500 from locations where slug = 'musgrave';
    insert into accounts (id, member_id) select gen_random_uuid(), id from members where email = 'nomsa@example.com';
    insert into bookings (id, reference, space_id, member_id, account_id, channel, term, during, people, status, price, total_cents,
                          vat_cents, cancellation, terms_version)
    select '01940000-0000-7000-8000-000000000003', 'CS-22222', s.id, m.id, a.id, 'door', 'time', '[2026-11-23 08:00Z,2026-11-23 09:00Z)', 1, 'expired',
           '{\"lines\": [], \"vat_basis_points\": 0}', 0, 0, '[]', '2026-11'
    from spaces s, members m join accounts a on a.member_id = m.id where s.slug = 'pier' and m.email = 'nomsa@example.com';
    insert into displays (id, token_hash, space_id, name, shows_titles, made_by)
    select gen_random_uuid(), sha256('nothing'), s.id, 'At the door', false, m.id from spaces s, members m
    where s.slug = 'pier' and m.email = 'nomsa@example.com';
    insert into calendar_feeds (id, token_hash, member_id, space_id)
    select gen_random_uuid(), sha256('nothing'), m.id, s.id from members m, spaces s
    where m.email = 'nomsa@example.com' and s.slug = 'pier';
    insert into companies (id, name) values ('01940000-0000-7000-8000-000000000000', 'Mkhize and Sons');
    insert into members (id, name, reference) values ('01940000-0000-7000-8000-000000000001', 'A son', 'CM-22222');
    insert into company_people (company_id, member_id, role)
    select '01940000-0000-7000-8000-000000000000', id, case name when 'A son' then 'guest' else 'admin' end
    from members where name in ('A son', 'Thandeka Mkhize');
    insert into accounts (id, member_id) select gen_random_uuid(), id from members where name in ('A son', 'Thandeka Mkhize');
    insert into ledger_entries (id, account_id, kind, cents, description)
    select gen_random_uuid(), a.id, 'charge', 100, 'x' from accounts a join members m on m.id = a.member_id where m.name = 'A son';
    insert into ledger_entries (id, account_id, kind, cents, description, method, location_id, receipt)
    select gen_random_uuid(), a.id, 'payment', -100, 'x', 'card', (select id from locations where slug = 'musgrave'), 'RC-2026-000001'
    from accounts a join members m on m.id = a.member_id where m.name = 'Thandeka Mkhize';
    insert into company_invitations (id, company_id, email, role, invited_by, expires_at)
    select '01940000-0000-7000-8000-000000000000', '01940000-0000-7000-8000-000000000000', 'x@example.com', 'guest', id,
           now() + interval '1 day' from members where email = 'thandeka@example.com'";

/// A screen that goes by the stand-in and works.
const SCREEN: &str = "
    insert into displays (id, token_hash, space_id, name, shows_titles, made_by)
    select '01940000-0000-7000-8000-000000000000', sha256('a'), s.id, 'At the door', false, m.id from spaces s, members m
    where s.slug = 'lighthouse' and m.email = 'nomsa@example.com'
    on conflict (id) do update set revoked_at = null";

/// A guest who goes by the stand-in, of the booking that was made last, with a link that works.
const GUEST: &str = "
    insert into guests (id, booking_id, name, email, invited_by)
    select '01940000-0000-7000-8000-000000000002', b.id, 'Lerato', 'lerato@example.com', b.member_id
    from bookings b order by b.id desc limit 1
    on conflict (id) do update set booking_id = excluded.booking_id, removed_at = null, arrived_at = null, arrived_by = null;
    insert into guest_links (guest_id, token_hash) values ('01940000-0000-7000-8000-000000000002', sha256('nothing'))
    on conflict do nothing";

/// A photo that goes by the stand-in, unless it is still there.
const PHOTO: &str = "
    insert into photos (id, space_id, alt, position)
    select '01940000-0000-7000-8000-000000000000', id, 'A table', 1 from spaces where slug = 'lighthouse' on conflict do nothing;
    insert into photo_files (photo_id, size, width, height, webp)
    select '01940000-0000-7000-8000-000000000000', size, 640, 480, 'x' from unnest(array['large', 'small']) size on conflict do nothing";

/// Method and path of everything that the program's router takes, read from how it describes itself.
pub fn routes(house: &House) -> BTreeSet<(String, String)> {
    let said = format!("{:?}", app::router(house.app.clone()));
    let (routes, rest) = said
        .split_once(", node: Node { paths: {")
        .expect("paths follow routes");
    let mut paths = rest.split('}').next().unwrap().to_owned();
    // A placeholder's brace ends nothing.
    let whole = rest.find("\"} }").unwrap();
    paths.replace_range(.., &rest[..=whole]);
    let mut found = BTreeSet::new();
    for one in paths.split("RouteId(").skip(1) {
        let (id, path) = one.split_once("): \"").unwrap();
        let path = path.split('"').next().unwrap();
        let at = format!("RouteId({id}): MethodRouter(");
        let route = routes.split_once(&at).expect("each path has a route").1;
        let allowed = route.split_once("allow_header: Bytes(b\"").unwrap().1;
        let methods = allowed.split('"').next().unwrap().split(',');
        for method in methods.filter(|method| *method != "HEAD") {
            found.insert((method.to_owned(), path.to_owned()));
        }
    }
    found
}

/// Cases 27 and 28: nobody reaches what is not theirs, and everybody what is.
#[tokio::test]
async fn everybody_reaches_what_is_theirs_and_nothing_else() {
    let house = House::open().await;
    house.run(MORE).await;
    let wish = json!({"product": "musgrave-week", "first": "2026-11-24"});
    let bought = house.api("thandeka").await.post("/passes", &wish).await;
    let pass = bought.json["reference"].as_str().unwrap();
    let daily = json!({"space": "pier", "from": "2026-12-14T09:00", "until": "2026-12-14T10:00", "rrule": "FREQ=DAILY;COUNT=2"});
    let repeats = house.api("thandeka").await.post("/series", &daily).await;
    assert_eq!(repeats.status, StatusCode::CREATED, "{}", repeats.json);
    house.run("update series set reference = 'SR-22222'").await;
    let (mut wrong, mut holds) = (Vec::new(), 0);
    let mut programs = BTreeMap::new();
    for (name, _) in PEOPLE {
        programs.insert(name, house.api(name).await);
    }
    for (method, path, who) in ROUTES {
        let verb: Method = method.parse().unwrap();
        // A hold of its own for each, as what is done to one is not to stand in the next one's way.
        let booking = if path.contains("/bookings/{reference}") {
            let (date, hour) = (DATES[holds / 11], 7 + holds % 11);
            holds += 1;
            let (from, until) = (format!("{hour:02}:00"), format!("{:02}:00", hour + 1));
            let thandeka = house.member("thandeka").await;
            let held = thandeka.hold("lighthouse", date, &from, &until).await;
            held.location().split('/').nth(2).unwrap().to_owned()
        } else {
            String::new()
        };
        let filled = filled(path, &booking, pass);
        let is_of_a_photo = path.contains("/photos/{id}");
        let program = filled.strip_prefix("/api/v1");
        for (name, reaches) in PEOPLE {
            if is_of_a_photo {
                house.run(PHOTO).await;
            }
            if path.contains("{guest}") || path.starts_with("/guests/") {
                house.run(GUEST).await;
            }
            if path.contains("/displays/{id}") {
                house.run(SCREEN).await;
            }
            let answer = match program {
                Some(path) => by_token(&programs[name], &verb, path).await,
                None => {
                    let person = house.member(name).await;
                    reached(&ask(&person, &verb, &filled).await)
                }
            };
            if answer != reaches.contains(who) {
                wrong.push(format!("{name}: {method} {path} {answer}"));
            }
        }
        if is_of_a_photo {
            house.run(PHOTO).await;
        }
        let answer = match program {
            Some(path) => by_token(&Api::new(&house.url, "none"), &verb, path).await,
            None => reached(&ask(&house.visitor(), &verb, &filled).await),
        };
        if answer != (*who == Anyone) {
            wrong.push(format!("a visitor: {method} {path} {answer}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

const DATES: [&str; 12] = [
    "2026-11-25",
    "2026-11-26",
    "2026-11-27",
    "2026-11-30",
    "2026-12-01",
    "2026-12-02",
    "2026-12-03",
    "2026-12-04",
    "2026-12-07",
    "2026-12-08",
    "2026-12-09",
    "2026-12-10",
];

/// Opens the page, or sends it a form that says no more than of which space and pass it speaks.
async fn ask(person: &Person, method: &Method, path: &str) -> Page {
    if path == "/live" {
        // It never ends.
        let answer = person.request(Method::GET, path).send().await.unwrap();
        Page {
            status: answer.status(),
            headers: answer.headers().clone(),
            html: String::new(),
        }
    } else if *method == Method::GET {
        person.get(path).await
    } else {
        let what = [
            ("space", "lighthouse"),
            ("product", "musgrave-week"),
            ("member", "CM-22222"),
        ];
        person.post(path, &what).await
    }
}

fn reached(answer: &Page) -> bool {
    let to_sign_in = answer.location().starts_with("/sign-in?next=");
    // A link that is none of ours is a page that says so.
    let spent_link = answer.status == StatusCode::NOT_FOUND && answer.says("link");
    !to_sign_in && (answer.status != StatusCode::NOT_FOUND || spent_link)
}

async fn by_token(api: &Api, method: &Method, path: &str) -> bool {
    let answer = api.send(api.request(method.clone(), path)).await;
    !matches!(
        answer.status,
        StatusCode::NOT_FOUND | StatusCode::UNAUTHORIZED
    )
}

/// A page of the front desk leads somebody who has not signed in to doing so, and back.
#[tokio::test]
async fn the_front_desk_asks_who_is_there() {
    let house = House::open().await;
    let visitor = house.visitor();
    let asked = visitor.get("/admin?location=musgrave").await;
    assert_eq!(
        asked.location(),
        "/sign-in?next=%2Fadmin%3Flocation%3Dmusgrave"
    );
    let member = house.member("thandeka").await;
    assert_eq!(member.get("/admin").await.status, StatusCode::NOT_FOUND);
}
