; Namespaces

(using_directive) @rule.using
(namespace_declaration name: (_) @name body: (_) @body) @definition.namespace
(file_scoped_namespace_declaration name: (_) @package)

; Types

(class_declaration name: (identifier) @name (base_list)? @bases body: (_) @body) @definition.class
(struct_declaration name: (identifier) @name (base_list)? @bases body: (_) @body) @definition.struct
(record_declaration name: (identifier) @name (base_list)? @bases body: (_)? @body) @definition.class
(interface_declaration name: (identifier) @name (base_list)? @bases body: (_) @body) @definition.interface
(enum_declaration name: (identifier) @name body: (_) @body) @definition.enum
(enum_member_declaration name: (identifier) @name) @definition.enum_member
(delegate_declaration type: (_) @type name: (identifier) @name) @definition.function
(type_parameter name: (identifier) @name) @definition.type_parameter
(type_parameter_constraints_clause . (identifier) (type_parameter_constraint type: (_) @rule.constraint))

; Members

(field_declaration (variable_declaration type: (_) @type (variable_declarator name: (identifier) @name))) @definition.field
(event_field_declaration (variable_declaration type: (_) @type (variable_declarator name: (identifier) @name))) @definition.field
(event_declaration type: (_) @type name: (identifier) @name) @definition.property
(property_declaration type: (_) @type name: (identifier) @name) @definition.property
(property_declaration (accessor_list) @scope)
(method_declaration returns: (_) @type name: (identifier) @name body: (_)? @body) @definition.method
(constructor_declaration name: (identifier) @name body: (_)? @body) @definition.constructor
(local_function_statement type: (_) @type name: (identifier) @name body: (_)? @body) @definition.function
(operator_declaration) @scope.function
(conversion_operator_declaration) @scope.function
(indexer_declaration) @scope.function
(destructor_declaration name: (identifier) @rule.ignored)
(parameter type: (_)? @type name: (identifier) @name) @definition.parameter
(record_declaration (parameter_list (parameter type: (_) @type name: (identifier) @name) @rule.component))
(parameter_list type: (_) @type name: (identifier) @name) @definition.parameter
(implicit_parameter) @rule.implicit

; Locals

(local_declaration_statement (variable_declaration type: (_) @type (variable_declarator
  name: (identifier) @name) @rule.local))
(using_statement (variable_declaration type: (_) @type (variable_declarator
  name: (identifier) @name) @rule.local))
(for_statement (variable_declaration type: (_) @type (variable_declarator
  name: (identifier) @name) @rule.local))
(variable_declarator (tuple_pattern (identifier) @rule.tuple))
(foreach_statement type: (_) @type left: (identifier) @name right: (_) @rule.each)
(catch_declaration type: (_) @type name: (identifier) @name) @definition.parameter
(declaration_pattern type: (_) @type name: (identifier) @name) @definition.declared
(declaration_expression type: (_) @type name: (identifier) @name) @definition.declared

; Scopes

(block) @scope
(lambda_expression) @scope.function
(anonymous_method_expression) @scope.function
(for_statement) @scope
(foreach_statement) @scope
(using_statement) @scope
(catch_clause) @scope
(switch_section) @scope

; Uses

(labeled_statement . (identifier) @rule.ignored)
(attribute name: (_) @rule.decorator)
(identifier) @reference
(base_list) @rule.bases
(cast_expression type: (_) @type) @instance
(as_expression right: (_) @type) @instance
(is_expression right: (_) @rule.typed)
(typeof_expression type: (_) @rule.typed)
(type_argument_list (_) @rule.typed)
(array_type type: (_) @rule.typed)
(nullable_type type: (_) @rule.typed)

; Values

(member_access_expression expression: (_)? @receiver name: [(identifier) @name (generic_name . (identifier) @name)]) @rule.member
(member_binding_expression name: [(identifier) @name (generic_name . (identifier) @name)]) @rule.bound
(qualified_name qualifier: (_) @receiver name: [(identifier) @name (generic_name . (identifier) @name)]) @member
(conditional_access_expression (member_binding_expression) @value) @same
(invocation_expression function: (_) @callee arguments: (argument_list) @arguments) @call
(object_creation_expression type: (_) @type) @new
(object_creation_expression type: (_) @of initializer: (initializer_expression (assignment_expression
  left: (identifier) @name))) @keyword
(implicit_object_creation_expression) @scope
(argument name: (identifier) @rule.argument)
(generic_name . (identifier) @type (type_argument_list) @arguments) @generic
(nullable_type type: (_) @value) @same
(array_type type: (_) @type) @list
(array_creation_expression type: (_) @value) @same
(parenthesized_expression (_) @value) @same
(await_expression (_) @value) @rule.await
(element_access_expression expression: (_) @value) @item
(postfix_unary_expression (_) @value) @same
(conditional_expression consequence: (_) @value) @same
(assignment_expression left: (_) @written)
(preproc_if condition: (_) @rule.condition)
(preproc_elif condition: (_) @rule.condition)
(predefined_type) @literal
(string_literal) @text
(interpolated_string_expression) @text
(integer_literal) @number
