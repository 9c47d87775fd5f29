(rule_set (selectors) @rule.selector (block) @body)
(keyframes_statement (keyframes_name) @name) @definition.key
(declaration (property_name) @name (#match? @name "^--")) @definition.property
