(element (start_tag (attribute (attribute_name) @attribute
  (quoted_attribute_value (attribute_value) @name)) (#eq? @attribute "id"))) @definition.key
(element (start_tag (tag_name) @heading (#match? @heading "^[hH][1-6]$")) (text) @name) @definition.key
