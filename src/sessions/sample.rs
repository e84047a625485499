//! The sign-ins that exist with sample data, and nowhere else.

/// Of all of them.
pub const PASSWORD: &str = "durban-sunrise-2026";

/// Of those who work here, on a computer that they share.
pub const PIN: &str = "4071";

/// Email address, and who that is.
pub const SIGN_INS: [(&str, &str); 5] = [
    ("member@connect.example", "Member"),
    ("colleague@connect.example", "Colleague, same company"),
    ("receptionist@connect.example", "Receptionist"),
    ("manager@connect.example", "Manager, Umhlanga"),
    ("owner@connect.example", "Owner"),
];
