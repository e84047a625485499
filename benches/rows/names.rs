//! The words of the rows in the order of the bar, and what each is about.

pub const ROWS: [(&str, &str); 9] = [
    (
        "contention",
        "fifty people want the same hour of the same room",
    ),
    ("booking", "what a booking costs beside its SQL alone"),
    (
        "grid",
        "the day of a location beside the least that could show it",
    ),
    ("years", "what a million past bookings cost today"),
    (
        "search",
        "what is free at all locations beside one day's grid",
    ),
    ("memory", "memory after many requests, and the start"),
    ("wire", "requests and bytes of the first page and of a day"),
    ("streams", "a thousand open pages hear of a booking"),
    ("instances", "two programs on one database"),
];
