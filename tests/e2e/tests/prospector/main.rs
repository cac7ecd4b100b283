//! Prospector from the outside: its real `main`, against the simulator. Each file is one side of it, each name a sentence about it.

mod api_keys;
mod both_platforms;
mod client_credentials;
mod configuration;
mod connecting;
mod demonstration;
mod echoes;
mod faults;
mod homes;
mod hostile_text;
mod installing;
mod killed;
mod leads;
mod messages;
mod profile;
mod profile_edit;
mod real_data;
mod scanning;
mod secrets;
mod shell;
mod status;
mod support;
mod third_platform;
mod tokens;
mod turns;
mod upwork;
