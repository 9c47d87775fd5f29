; Includes and macros

(preproc_include path: (string_literal (string_content) @rule.include))
(preproc_include path: (system_lib_string) @rule.include)
(preproc_def name: (identifier) @name) @definition.macro
(preproc_function_def name: (identifier) @name) @definition.macro
(preproc_params (identifier) @rule.ignored)

; Types

(struct_specifier name: (type_identifier) @name body: (field_declaration_list) @body) @definition.struct
(union_specifier name: (type_identifier) @name body: (field_declaration_list) @body) @definition.struct
(struct_specifier !name body: (field_declaration_list) @body) @rule.nameless
(union_specifier !name body: (field_declaration_list) @body) @rule.nameless
(enumerator name: (identifier) @name) @definition.enum_member
(type_definition type: (_) @type declarator: [
  (type_identifier) @name
  (pointer_declarator declarator: (type_identifier) @name)
  (pointer_declarator declarator: (pointer_declarator declarator: (type_identifier) @name))
  (array_declarator declarator: (type_identifier) @name)
  (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (type_identifier) @name)))
  (function_declarator declarator: (type_identifier) @name)
]) @definition.type
(field_declaration type: (_) @type declarator: [
  (field_identifier) @name
  (pointer_declarator declarator: (field_identifier) @name)
  (pointer_declarator declarator: (pointer_declarator declarator: (field_identifier) @name))
  (array_declarator declarator: (field_identifier) @name)
  (array_declarator declarator: (array_declarator declarator: (field_identifier) @name))
  (pointer_declarator declarator: (array_declarator declarator: (field_identifier) @name))
  (array_declarator declarator: (pointer_declarator declarator: (field_identifier) @name))
  (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (field_identifier) @name)))
]) @definition.field

; Functions

(function_definition type: (_)? @type declarator: [
  (function_declarator declarator: (identifier) @name)
  (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))
  (pointer_declarator declarator: (pointer_declarator declarator: (function_declarator declarator: (identifier) @name)))
] body: (_)? @body) @definition.function
(declaration type: (_) @type declarator: [
  (function_declarator declarator: (identifier) @name)
  (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))
  (pointer_declarator declarator: (pointer_declarator declarator: (function_declarator declarator: (identifier) @name)))
]) @definition.prototype
(parameter_declaration type: (_) @type declarator: [
  (identifier) @name
  (pointer_declarator declarator: (identifier) @name)
  (pointer_declarator declarator: (pointer_declarator declarator: (identifier) @name))
  (pointer_declarator declarator: (pointer_declarator declarator: (pointer_declarator declarator: (identifier) @name)))
  (array_declarator declarator: (identifier) @name)
  (array_declarator declarator: (array_declarator declarator: (identifier) @name))
  (pointer_declarator declarator: (array_declarator declarator: (identifier) @name))
  (array_declarator declarator: (pointer_declarator declarator: (identifier) @name))
  (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (identifier) @name)))
  (function_declarator declarator: (identifier) @name)
]) @definition.parameter

; Variables

(declaration type: (_) @type declarator: [
  (identifier) @name
  (pointer_declarator declarator: (identifier) @name)
  (pointer_declarator declarator: (pointer_declarator declarator: (identifier) @name))
  (array_declarator declarator: (identifier) @name)
  (array_declarator declarator: (array_declarator declarator: (identifier) @name))
  (array_declarator declarator: (pointer_declarator declarator: (identifier) @name))
  (pointer_declarator declarator: (array_declarator declarator: (identifier) @name))
  (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (identifier) @name)))
]) @rule.declared
(declaration type: (_) @type declarator: (init_declarator declarator: [
  (identifier) @name
  (pointer_declarator declarator: (identifier) @name)
  (pointer_declarator declarator: (pointer_declarator declarator: (identifier) @name))
  (array_declarator declarator: (identifier) @name)
  (array_declarator declarator: (array_declarator declarator: (identifier) @name))
  (array_declarator declarator: (pointer_declarator declarator: (identifier) @name))
  (pointer_declarator declarator: (array_declarator declarator: (identifier) @name))
  (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (identifier) @name)))
] value: (_) @value)) @definition.variable

; Scopes

(compound_statement) @scope
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
