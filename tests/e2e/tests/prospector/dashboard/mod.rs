//! The dashboard, by its requests; what a person does in a browser is tested in one.

mod door;
mod large;
mod pages;
