//! The dashboard: by its requests, and in a real browser.

mod browser;
mod door;
mod large;
mod pages;
