//! Values that are written as JSON objects and in no other way.

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use std::marker::PhantomData;

/// A value read from an object. By itself serde also takes a list, as the fields in the order of the source, which is no
/// part of the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields(PhantomData))
    }
}

struct Fields<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Object<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(fields)).map(Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Action, Draft};

    #[test]
    fn a_list_is_no_object() {
        let object = r#"{"label":"Open","url":"https://a.example"}"#;
        let read = serde_json::from_str::<Object<Action>>(object).unwrap();
        assert_eq!(read.0.label, "Open");
        let list = r#"["Open","https://a.example"]"#;
        let error = serde_json::from_str::<Object<Action>>(list).unwrap_err();
        assert!(error.to_string().contains("expected an object"), "{error}");
        assert!(serde_json::from_str::<Draft>(&format!("{{\"actions\":[{list}]}}")).is_err());
        assert!(serde_json::from_str::<Draft>(&format!("{{\"actions\":[{object}]}}")).is_ok());
    }
}
