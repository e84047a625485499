//! The API as a whole: what its description says besides the routes, and the description itself.

use axum::{Json, Router, routing::get};
use utoipa::{
    OpenApi, ToSchema,
    openapi::{
        Content, Ref, RefOr, ResponseBuilder,
        path::Operation,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

/// Where the API is served.
pub const ADDRESS: &str = "/api/v1";

/// Book desks, meeting rooms and offices from a program of your own.
///
/// Each request carries `Authorization: Bearer <token>` and acts for the member whose token it is.
#[derive(OpenApi)]
#[openapi(
    info(title = "Connect Space", version = "1"),
    servers((url = "/api/v1")),
    security(("token" = [])),
    components(schemas(Problem)),
    tags(
        (name = "Locations", description = "Where the house is, and when it is open."),
        (name = "Spaces", description = "What can be booked, what is free, and what it costs."),
        (name = "Bookings", description = "Making, reading and cancelling your bookings."),
        (name = "Favourites", description = "The spaces that you have starred."),
        (name = "Waitlist", description = "Being told when a room or an office frees up."),
        (name = "Front desk", description = "Anybody’s bookings, people and payments; for staff."),
        (name = "Passes", description = "Hot-desking by the week or the month: what is sold, and yours."),
        (name = "Viewings", description = "People who ask to see a location; for staff."),
        (name = "Reports", description = "What was used, earned and missed; for managers of their location, and owners."),
        (name = "Setting up", description = "Hours, policies and prices; for managers of their location, and owners."),
        (name = "Account", description = "Who you are to us, and what you owe."),
    )
)]
struct Description;

/// Why not: RFC 9457 problem details.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is written where refusals are dressed")]
struct Problem {
    /// Stays the same for the same reason.
    #[schema(example = "urn:connect-space:problem:taken")]
    r#type: String,
    title: String,
    status: u16,
    /// The sentence that the pages show.
    detail: String,
}

/// What every request may be answered with.
const PROBLEMS: [(&str, &str); 6] = [
    ("401", "No token, or one that is not good."),
    ("404", "It is not there, or it is not yours."),
    ("409", "Somebody was faster."),
    ("422", "A rule says no."),
    ("429", "Too often: `Retry-After` says when to come back."),
    ("503", "Busy: nothing was changed, try again in a moment."),
];

/// The routes, with their description at `/openapi.json` beside them.
pub fn describe(routes: OpenApiRouter<App>) -> (Router<App>, utoipa::openapi::OpenApi) {
    let (router, described) = routes.split_for_parts();
    let mut whole = Description::openapi();
    whole.merge(described);
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    if let Some(components) = &mut whole.components {
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
    }
    for path in whole.paths.paths.values_mut() {
        let operations = [
            &mut path.get,
            &mut path.post,
            &mut path.put,
            &mut path.patch,
            &mut path.delete,
        ];
        operations.into_iter().flatten().for_each(may_be_refused);
    }
    let document = whole.clone();
    let router = router.route("/openapi.json", get(async move || Json(document)));
    (router, whole)
}

fn may_be_refused(operation: &mut Operation) {
    for (status, words) in PROBLEMS {
        let problem = Content::builder().schema(Some(Ref::from_schema_name("Problem")));
        let answer = ResponseBuilder::new()
            .description(words)
            .content("application/problem+json", problem.build())
            .build();
        let answers = &mut operation.responses.responses;
        answers
            .entry(status.to_owned())
            .or_insert_with(|| RefOr::T(answer));
    }
}
