(pair key: (string (string_content) @name) value: (object) @body) @definition.object
(pair key: (string (string_content) @name)
  value: [(string) (number) (true) (false) (null) (array)]) @definition.key
