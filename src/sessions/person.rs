//! Somebody who has shown who they are, in whichever way.

use crate::{
    id::Id,
    members::{member::Member, staff::Duties},
};

#[derive(Clone, Debug)]
pub struct Person {
    pub member: Id<Member>,
    pub name: String,
    pub email: Option<String>,
    /// E.164.
    pub phone: Option<String>,
    /// `None` for those who do not work here.
    pub staff: Option<Duties>,
}
