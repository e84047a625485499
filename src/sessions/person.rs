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
    /// They came by PIN, at a computer that staff share.
    pub by_pin: bool,
    /// They gave more than a PIN, or gave their password since, not long ago.
    pub proven: bool,
    /// They manage, and have to set up a second step before they go on to what is the managers' alone.
    pub owes_second_step: bool,
}
