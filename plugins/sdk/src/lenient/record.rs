//! Structs that are read from objects.

/// Declares structs of lenient fields, each with the key that it has in the JSON: its own name, unless `= "key"` follows (`= "key" |
/// "alias"` where platforms disagree). Absent fields hold none.
///
/// ```
/// use prospector_plugin::lenient::{self, Int, Lax, Text, Word};
/// prospector_plugin::record! {
///     /// A job.
///     struct Job<'a> {
///         id: Int,
///         /// When it was posted.
///         posted_at: Word<'a> = "postedAt" | "createdAt",
///         client: Lax<Client>,
///     }
///
///     struct Client { name: Text }
/// }
///
/// let json = r#"{"id": "17", "createdAt": "2026-09-21", "client": {"name": "Wren"}}"#;
/// let name = lenient::read(json, |job| {
///     let job = lenient::record::<Job<'_>>(job);
///     assert_eq!((job.id.0, job.posted_at.text()), (Some(17), "2026-09-21"));
///     job.client.0.and_then(|client| client.name.0)
/// });
/// assert_eq!(name.unwrap().as_deref(), Some("Wren"));
/// ```
#[macro_export]
macro_rules! record {
    () => {};
    ($(#[$meta:meta])* $visible:vis struct $name:ident<$life:lifetime> { $($fields:tt)* } $($more:tt)*) => {
        $crate::record!(@struct [$(#[$meta])*] [$visible] $name [$life] [<$life>] $($fields)*);
        $crate::record!($($more)*);
    };
    ($(#[$meta:meta])* $visible:vis struct $name:ident { $($fields:tt)* } $($more:tt)*) => {
        $crate::record!(@struct [$(#[$meta])*] [$visible] $name ['json] [] $($fields)*);
        $crate::record!($($more)*);
    };
    (@struct [$($meta:tt)*] [$visible:vis] $name:ident [$life:lifetime] [$($generics:tt)*]
        $($(#[$about:meta])* $seen:vis $field:ident: $kind:ty $(= $key:literal $(| $alias:literal)*)?),* $(,)?
    ) => {
        $($meta)*
        #[derive(Debug, Clone, Default, PartialEq)]
        $visible struct $name $($generics)* {
            $($(#[$about])* $seen $field: $kind,)*
        }

        impl<$life> $crate::lenient::Record<$life> for $name $($generics)* {
            fn of(object: &mut $crate::lenient::Object<$life>) -> Self {
                Self {
                    $($field: $crate::record!(@get object, $field $(, $key $(, $alias)*)?),)*
                }
            }
        }
    };
    (@get $object:ident, $field:ident) => { $crate::lenient::Field::get($object, stringify!($field)) };
    (@get $object:ident, $field:ident, $key:literal) => { $crate::lenient::Field::get($object, $key) };
    (@get $object:ident, $field:ident, $($key:literal),*) => {
        $crate::lenient::Field::of($object.get_first(&[$($key),*]))
    };
}
