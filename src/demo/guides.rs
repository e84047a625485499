//! What the sample locations answer newcomers, and the sketch of the way to each: drawn for the sample, not
//! after any street.

use serde::Serialize;
use serde_json::{Value, json};
use sqlx::{PgConnection, types::Json};

#[derive(Serialize)]
struct GuideRow {
    slug: &'static str,
    step_free: &'static str,
    power: &'static str,
    water: &'static str,
    fibre: &'static str,
    sketch: Value,
}

pub async fn insert(tx: &mut PgConnection) -> sqlx::Result<()> {
    let rows = [musgrave(), umhlanga(), mount_edgecombe(), hillcrest()];
    sqlx::query!(
        r#"update locations l
           set town = 'Durban', step_free = g.step_free, power = g.power, water = g.water,
               fibre = g.fibre, sketch = g.sketch
           from jsonb_to_recordset($1) as g (slug text, step_free text, power text, water text, fibre text,
               sketch jsonb)
           where l.slug = g.slug"#,
        Json(&rows) as _
    )
    .execute(tx)
    .await?;
    Ok(())
}

fn musgrave() -> GuideRow {
    GuideRow {
        slug: "musgrave",
        step_free: "From the wide bays by the ramp to the lift; both floors. Doors are 90 cm wide, and one toilet is \
            built for wheelchairs.",
        power: "An inverter with batteries carries lights, sockets and the network for about six hours, without a gap. \
            Air conditioning and the kettle rest meanwhile.",
        water: "A tank of 5 000 litres with a pump on the inverter.",
        fibre: "Two lines by different providers; the change takes a few seconds and happens by itself. Tried on the \
            first Monday of each month.",
        sketch: json!({
            "green": [[[212, 0], [360, 0], [360, 84], [268, 92]]],
            "roads": [
                {"name": "the ridge road", "through": [[0, 176], [96, 132], [214, 108], [360, 96]], "label": [66, 170]},
                {"name": "up from the city", "through": [[190, 220], [204, 150], [214, 108], [196, 0]], "label": [250, 186]},
                {"name": "", "through": [[96, 132], [80, 0]], "label": null},
            ],
            "marks": [
                {"what": "tower", "at": [150, 78], "name": "stepped tower"},
                {"what": "tree", "at": [284, 50], "name": "flat-crowns"},
                {"what": "tree", "at": [310, 40], "name": ""},
                {"what": "tree", "at": [256, 42], "name": ""},
                {"what": "parking", "at": [36, 92], "name": "parking"},
                {"what": "taxi", "at": [306, 132], "name": "taxis"},
                {"what": "building", "at": [110, 192], "name": "shops"},
            ],
            "door": [174, 106],
        }),
    }
}

fn umhlanga() -> GuideRow {
    GuideRow {
        slug: "umhlanga",
        step_free: "From the deck by lift to levels 1 and 2; no step on the way. The boardroom’s table has two places \
            to roll under.",
        power: "An inverter bridges the first seconds, then a generator carries everything, air conditioning and lifts \
            included, with fuel for a day.",
        water: "A tank of 10 000 litres for the building; the pump runs on the generator.",
        fibre: "Two lines by different routes, and the change happens by itself. Tried on the first Monday of each \
            month.",
        sketch: json!({
            "water": [[[286, 0], [276, 70], [292, 140], [270, 220], [360, 220], [360, 0]]],
            "roads": [
                {"name": "the beach road", "through": [[250, 0], [244, 76], [256, 140], [236, 220]], "label": [205, 212]},
                {"name": "from the highway", "through": [[0, 92], [120, 84], [244, 76]], "label": [58, 76]},
                {"name": "", "through": [[120, 84], [132, 220]], "label": null},
            ],
            "marks": [
                {"what": "lighthouse", "at": [318, 150], "name": "lighthouse"},
                {"what": "building", "at": [190, 40], "name": "hotels"},
                {"what": "parking", "at": [160, 130], "name": "parking"},
                {"what": "taxi", "at": [70, 130], "name": "taxis"},
                {"what": "tree", "at": [40, 30], "name": "park"},
                {"what": "tree", "at": [62, 24], "name": ""},
            ],
            "door": [204, 150],
        }),
    }
}

fn mount_edgecombe() -> GuideRow {
    GuideRow {
        slug: "mount-edgecombe",
        step_free: "Everything is on one floor, level with the parking under the verandah.",
        power: "An inverter carries the house for about four hours; a generator for the estate follows when it is \
            longer.",
        water: "A tank of 5 000 litres with a pump on the inverter.",
        fibre: "One line, with mobile data as the second way; the change happens by itself and is slower.",
        sketch: json!({
            "green": [
                [[0, 0], [150, 0], [128, 62], [0, 78]],
                [[226, 130], [360, 118], [360, 220], [206, 220]],
            ],
            "roads": [
                {"name": "the estate road", "through": [[0, 112], [120, 102], [250, 84], [360, 82]], "label": [62, 132]},
                {"name": "from the highway", "through": [[250, 84], [262, 0]], "label": [312, 28]},
                {"name": "", "through": [[120, 102], [150, 168], [196, 178]], "label": null},
            ],
            "marks": [
                {"what": "chimney", "at": [196, 62], "name": "old chimney"},
                {"what": "tree", "at": [52, 30], "name": "cane"},
                {"what": "tree", "at": [84, 24], "name": ""},
                {"what": "parking", "at": [108, 186], "name": "parking"},
                {"what": "building", "at": [310, 112], "name": "gate"},
            ],
            "door": [190, 172],
        }),
    }
}

/// As far as it is planned.
fn hillcrest() -> GuideRow {
    GuideRow {
        slug: "hillcrest",
        step_free: "Planned without a step from the parking to every desk.",
        power: "Planned: an inverter with batteries for a working day.",
        water: "",
        fibre: "Planned: two lines by different providers.",
        sketch: json!({}),
    }
}
