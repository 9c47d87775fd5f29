; Modules and imports

(use_declaration argument: (_) @tree) @rule.use
(mod_item name: (identifier) @name body: (declaration_list) @body) @definition.namespace
(mod_item name: (identifier) @name !body) @rule.module
(extern_crate_declaration name: (identifier) @rule.crate)

; Definitions

(struct_item name: (type_identifier) @name body: (_)? @body) @definition.struct
(union_item name: (type_identifier) @name body: (_) @body) @definition.struct
(enum_item name: (type_identifier) @name body: (_) @body) @definition.enum
(enum_variant name: (identifier) @name !body) @definition.enum_member
(enum_variant name: (identifier) @name body: (ordered_field_declaration_list) @type) @definition.enum_member
(enum_variant name: (identifier) @name body: (field_declaration_list) @body) @definition.variant
(trait_item name: (type_identifier) @name bounds: (_)? @bases body: (_) @body) @definition.interface
(impl_item trait: (_)? @bases type: (_) @of body: (_) @body) @definition.extension
(function_item name: (identifier) @name return_type: (_)? @type body: (_) @body) @definition.function
(function_signature_item name: (identifier) @name return_type: (_)? @type) @definition.function
(field_declaration name: (field_identifier) @name type: (_) @type) @definition.field
(const_item name: (identifier) @name type: (_) @type value: (_)? @value) @definition.constant
(static_item name: (identifier) @name type: (_) @type value: (_)? @value) @definition.constant
(type_item name: (type_identifier) @name type: (_) @type) @definition.type
(associated_type name: (type_identifier) @name bounds: (_)? @type) @definition.type
(macro_definition name: (identifier) @name) @definition.macro
(type_parameter name: (type_identifier) @name bounds: (_)? @type) @definition.type_parameter
(const_parameter name: (identifier) @name type: (_) @type) @definition.type_parameter
(parameter pattern: (_) @pattern type: (_) @type) @rule.parameter
(closure_parameters (identifier) @rule.argument)
(closure_parameters [(tuple_pattern) (reference_pattern) (mut_pattern) (struct_pattern)] @rule.argument)
(let_declaration pattern: (_) @pattern type: (_)? @type value: (_)? @value) @rule.let
(let_condition pattern: (_) @pattern value: (_) @value) @rule.bound
(for_expression pattern: (_) @pattern value: (_) @value) @rule.each
(match_expression value: (_) @value body: (match_block) @arms) @rule.match

; Scopes

(block) @scope
(closure_expression) @scope.function
(match_arm) @scope
(if_expression) @scope
(while_expression) @scope
(for_expression) @scope

; Uses

(type_identifier) @reference.type
(identifier) @reference
(self) @reference
(super) @reference
(crate) @reference
(shorthand_field_initializer (identifier) @name) @rule.shorthand
(token_tree (identifier) @rule.token)
(macro_invocation macro: (_) @callee) @call

(ordered_field_declaration_list) @rule.payload
(lifetime (identifier) @rule.label)
(label (identifier) @rule.label)

; Values

(field_expression value: (_) @receiver field: (field_identifier) @name) @member
(scoped_identifier !path name: (identifier) @name) @rule.outer
(scoped_identifier path: (_) @receiver name: (identifier) @name) @member
(scoped_type_identifier path: (_) @receiver name: (type_identifier) @name) @member
(call_expression function: (_) @callee) @call
(generic_function function: (_) @value) @same
(generic_type type: (_) @type type_arguments: (_) @arguments) @generic
(generic_type_with_turbofish type: (_) @type type_arguments: (_) @arguments) @generic
(reference_type type: (_) @value) @same
(pointer_type type: (_) @value) @same
(dynamic_type trait: (_) @value) @same
(abstract_type trait: (_) @value) @same
(array_type element: (_) @type) @list
(tuple_type) @tuple
(trait_bounds . (_) @value) @same
(bracketed_type (_) @value) @same
(reference_expression value: (_) @value) @same
(unary_expression (_) @value) @same
(parenthesized_expression (_) @value) @same
(try_expression (_) @value) @same
(await_expression (_) @value) @same
(index_expression . (_) @value) @item
(type_cast_expression type: (_) @type) @instance
(struct_expression name: (_) @type) @new
(struct_expression name: (_) @of body: (field_initializer_list (field_initializer
  field: (field_identifier) @name))) @keyword
(assignment_expression left: (_) @written)
(compound_assignment_expr left: (_) @written)
(primitive_type) @literal
