; Namespaces and imports

(namespace_definition name: (namespace_name) @package !body)
(namespace_definition name: (namespace_name) @name body: (_) @body) @definition.namespace
(namespace_use_declaration) @rule.use

; Types

(class_declaration name: (name) @name (base_clause)? @bases (class_interface_clause)? @bases body: (_) @body) @definition.class
(interface_declaration name: (name) @name (base_clause)? @bases body: (_) @body) @definition.interface
(trait_declaration name: (name) @name body: (_) @body) @definition.class
(enum_declaration name: (name) @name (class_interface_clause)? @bases body: (_) @body) @definition.enum
(anonymous_class (base_clause (_) @of)? body: (_) @body) @definition.extension
(use_declaration) @rule.mixin
(enum_case name: (name) @name) @definition.enum_member

; Members

(const_declaration (const_element . (name) @name (_) @value)) @definition.constant
(property_declaration type: (_)? @type (property_element name: (variable_name (name) @name))) @definition.field
(property_promotion_parameter type: (_)? @type name: (variable_name (name) @name)) @rule.promoted
(property_promotion_parameter type: (_)? @type name: (variable_name) @name) @definition.parameter
(method_declaration name: (name) @name return_type: (_)? @type body: (_)? @body) @definition.method
(function_definition name: (name) @name return_type: (_)? @type body: (_) @body) @definition.function
(simple_parameter type: (_)? @type name: (variable_name) @name) @definition.parameter
(variadic_parameter type: (_)? @type name: (variable_name) @name) @definition.parameter

; Variables: an assignment declares them

(assignment_expression left: (variable_name) @name right: (_) @value) @rule.variable
(reference_assignment_expression left: (variable_name) @name right: (_) @value) @rule.variable
(assignment_expression left: (list_literal) @rule.list)
(foreach_statement . (_) @value (pair (_) (variable_name) @rule.each .))
(foreach_statement . (_) @value . (variable_name) @rule.each)
(foreach_statement . (_) (pair . (variable_name) @rule.bound))
(catch_clause type: (type_list . (_) @type) name: (variable_name) @name) @definition.parameter
(static_variable_declaration name: (variable_name) @name value: (_)? @value) @definition.declared

; Scopes

(anonymous_function) @scope
(arrow_function) @scope

; Uses

(variable_name) @reference.variable
(name) @reference
(relative_scope) @reference
(named_type) @rule.typed
(attribute (_) @rule.decorator)

; Values

(qualified_name) @rule.qualified
(member_access_expression object: (_) @receiver name: (name) @name) @member
(nullsafe_member_access_expression object: (_) @receiver name: (name) @name) @member
(member_call_expression object: (_) @receiver name: (name) @name) @rule.method
(nullsafe_member_call_expression object: (_) @receiver name: (name) @name) @rule.method
(scoped_call_expression scope: (_) @receiver name: (name) @name) @rule.method
(scoped_property_access_expression scope: (_) @receiver name: (variable_name (name) @name)) @member
(class_constant_access_expression . (_) @receiver (name) @name .) @rule.constant
(function_call_expression function: (_) @callee) @call
(object_creation_expression . (_) @type) @new
(argument name: (name) @rule.ignored)
(named_type (_) @value) @same
(optional_type (_) @value) @same
(parenthesized_expression (_) @value) @same
(clone_expression (_) @value) @same
(subscript_expression . (_) @value) @item
(conditional_expression body: (_) @value) @same
(binary_expression "instanceof" right: (_) @rule.typed)
