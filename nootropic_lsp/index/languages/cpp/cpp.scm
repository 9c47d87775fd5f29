; What C++ adds to C.

(qualified_identifier) @rule.qualified

(namespace_definition name: (_) @name body: (_) @body) @definition.namespace
(using_declaration "namespace" (_) @rule.star)
(using_declaration . (qualified_identifier) @rule.using)
(namespace_alias_definition name: (_) @name (_) @rule.alias .)

; Types

(class_specifier name: [(type_identifier) @name (template_type name: (_) @name)
  (qualified_identifier name: (type_identifier) @name)]
  (base_class_clause)? @bases body: (_) @body) @definition.class
(struct_specifier name: (type_identifier) @name (base_class_clause) @bases body: (_) @body) @definition.struct
(struct_specifier name: [(template_type name: (_) @name) (qualified_identifier name: (type_identifier) @name)]
  (base_class_clause)? @bases body: (_) @body) @definition.struct
(enum_specifier ["class" "struct"] name: (type_identifier) @name body: (_) @body) @definition.enum
(enum_specifier . name: (type_identifier) @name body: (enumerator_list)) @definition.enum
(alias_declaration name: (type_identifier) @name type: (_) @type) @definition.type
(type_parameter_declaration (type_identifier) @rule.template)
(optional_type_parameter_declaration name: (type_identifier) @rule.template)
(variadic_type_parameter_declaration (type_identifier) @rule.template)

; Functions and methods: see what C has for declarators

(function_definition declarator: [
  (function_declarator declarator: (qualified_identifier) @of)
  (reference_declarator (function_declarator declarator: (qualified_identifier) @of))
  (pointer_declarator declarator: (function_declarator declarator: (qualified_identifier) @of))
  (pointer_declarator declarator: (pointer_declarator declarator: (function_declarator declarator: (qualified_identifier) @of)))
] body: (_) @body) @definition.extension
(function_definition declarator: [
  (function_declarator declarator: (qualified_identifier) @rule.outside)
  (reference_declarator (function_declarator declarator: (qualified_identifier) @rule.outside))
  (pointer_declarator declarator: (function_declarator declarator: (qualified_identifier) @rule.outside))
  (pointer_declarator declarator: (pointer_declarator declarator: (function_declarator declarator: (qualified_identifier) @rule.outside)))
] body: (_) @body)
; The body of a test is a method of its fixture.
(function_definition declarator: (function_declarator declarator: (identifier) @test
  parameters: (parameter_list . (parameter_declaration type: (_) @of))) body: (_) @body
  (#match? @test "^(TYPED_)?TEST_[FP]$")) @definition.extension
(optional_parameter_declaration) @rule.parameter
(for_range_loop declarator: (_) @name right: (_) @value) @rule.each
(structured_binding_declarator (identifier) @name) @definition.declared

; Scopes

(field_declaration declarator: (pointer_declarator declarator: (function_declarator))) @scope.function
(field_declaration declarator: (reference_declarator (function_declarator))) @scope.function
(declaration declarator: (reference_declarator (function_declarator))) @scope.function

(lambda_expression) @scope.function
(catch_clause) @scope
(for_range_loop) @scope
(if_statement) @scope

; Uses

(namespace_identifier) @reference
(this) @reference
(field_initializer (field_identifier) @rule.initializer)

; Values

(template_type name: (_) @type arguments: (_) @arguments) @generic
(template_function name: (identifier) @value arguments: (_) @arguments) @rule.template_function
(template_method name: (field_identifier) @value) @same
(field_expression argument: (_) @receiver field: (template_method name: (field_identifier) @name)) @member
(field_expression argument: (_) @receiver field: (dependent_name (template_method name: (field_identifier) @name))) @member
(new_expression type: (_) @type) @new
(compound_literal_expression type: (_) @type) @instance
(type_descriptor type: (_) @value) @same
(class_specifier name: (qualified_identifier scope: (_) @rule.within name: (type_identifier) @name))
(struct_specifier name: (qualified_identifier scope: (_) @rule.within name: (type_identifier) @name))
