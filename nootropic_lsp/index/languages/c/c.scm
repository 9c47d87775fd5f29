; Includes and macros

(preproc_include path: (string_literal (string_content) @rule.include))
(preproc_include path: (system_lib_string) @rule.include)
(preproc_def name: (identifier) @name) @definition.macro
(preproc_function_def name: (identifier) @name) @definition.macro
(preproc_params (identifier) @rule.ignored)

; Types

(struct_specifier name: (type_identifier) @name body: (field_declaration_list) @body) @definition.struct
(union_specifier name: (type_identifier) @name body: (field_declaration_list) @body) @definition.struct
(type_definition type: [(struct_specifier !name body: (_) @body) (union_specifier !name body: (_) @body)] @definition.nameless)
(field_declaration type: [(struct_specifier !name body: (_) @body) (union_specifier !name body: (_) @body)]
  @definition.nameless declarator: (_))
(declaration type: [(struct_specifier !name body: (_) @body) (union_specifier !name body: (_) @body)]
  @definition.nameless declarator: (_))
(enumerator name: (identifier) @name) @definition.enum_member

; Everything with a declarator: its name may be deep inside, so a rule looks for it.

(type_definition) @rule.typedef
(field_declaration) @rule.declaration
(declaration) @rule.declaration
(parameter_declaration) @rule.parameter
(function_definition) @rule.function

; Scopes

(function_definition) @scope.function
(declaration declarator: (function_declarator)) @scope.function
(declaration declarator: (pointer_declarator declarator: (function_declarator))) @scope.function
(field_declaration declarator: (function_declarator)) @scope.function
(type_definition declarator: (function_declarator)) @scope.function
(parameter_declaration declarator: (function_declarator)) @scope.function
(compound_statement (declaration)) @scope
(for_statement) @scope

; Uses

(type_identifier) @reference.type
(identifier) @reference
(preproc_arg) @rule.macro
(struct_specifier name: (type_identifier) @value) @same
(union_specifier name: (type_identifier) @value) @same
(enum_specifier name: (type_identifier) @value) @same

; Values

(field_expression argument: (_) @receiver field: (field_identifier) @name) @member
(call_expression function: (_) @callee arguments: (argument_list) @arguments) @call
(parenthesized_expression (_) @value) @same
(pointer_expression argument: (_) @value) @same
(subscript_expression argument: (_) @value) @rule.subscript
(cast_expression type: (type_descriptor type: (_) @type)) @instance
(compound_literal_expression type: (type_descriptor type: (_) @type)) @instance
(conditional_expression consequence: (_) @value) @same
(init_declarator value: (initializer_list (initializer_pair
  designator: (field_designator (field_identifier) @rule.designator))))
(compound_literal_expression value: (initializer_list (initializer_pair
  designator: (field_designator (field_identifier) @rule.designator))))
(assignment_expression left: (_) @written)
(update_expression argument: (_) @written)
(primitive_type) @literal
