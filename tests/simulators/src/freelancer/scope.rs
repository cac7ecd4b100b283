//! Advanced scopes: numbers on the wire, names for people.

/// An advanced scope. `basic` is not among them: every token has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Create projects.
    ProjectCreate,
    /// Bid, award, and handle milestones.
    ProjectManage,
    /// Create contests.
    ContestCreate,
    /// Manage contests.
    ContestManage,
    /// Read and send messages.
    Messaging,
    /// Read personal information.
    UserInformation,
}

impl Scope {
    /// All of them, by number.
    pub const ALL: [Self; 6] = [
        Self::ProjectCreate,
        Self::ProjectManage,
        Self::ContestCreate,
        Self::ContestManage,
        Self::Messaging,
        Self::UserInformation,
    ];

    /// The number in `advanced_scopes`.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::ProjectCreate => 1,
            Self::ProjectManage => 2,
            Self::ContestCreate => 3,
            Self::ContestManage => 4,
            Self::Messaging => 5,
            Self::UserInformation => 6,
        }
    }

    /// The name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ProjectCreate => "fln:project_create",
            Self::ProjectManage => "fln:project_manage",
            Self::ContestCreate => "fln:contest_create",
            Self::ContestManage => "fln:contest_manage",
            Self::Messaging => "fln:messaging",
            Self::UserInformation => "fln:user_information",
        }
    }

    /// The scopes of an `advanced_scopes` parameter: numbers separated by spaces. What is no such number is
    /// left out.
    #[must_use]
    pub fn parse_list(text: &str) -> Vec<Self> {
        text.split_whitespace()
            .filter_map(|word| word.parse::<u8>().ok())
            .filter_map(|number| Self::ALL.into_iter().find(|scope| scope.number() == number))
            .collect()
    }
}
