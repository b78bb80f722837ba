//! Cases of Google's own pages as tables, and properties over random worlds.

mod cases;
mod gains;
mod properties;
mod world;
