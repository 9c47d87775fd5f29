; Packages and imports

(package_declaration (_) @package)
(import_declaration (_) @path) @rule.import

; Definitions

(class_declaration name: (identifier) @name superclass: (_)? @bases interfaces: (_)? @bases
  body: (class_body) @body) @definition.class
(interface_declaration name: (identifier) @name (extends_interfaces)? @bases
  body: (_) @body) @definition.interface
(enum_declaration name: (identifier) @name interfaces: (_)? @bases body: (_) @body) @definition.enum
(record_declaration name: (identifier) @name interfaces: (_)? @bases body: (_) @body) @definition.class
(record_declaration parameters: (formal_parameters (formal_parameter type: (_) @type
  name: (identifier) @name) @definition.field))
(annotation_type_declaration name: (identifier) @name body: (_) @body) @definition.interface
(annotation_type_element_declaration type: (_) @type name: (identifier) @name) @definition.method
(object_creation_expression type: (_) @of (class_body) @body) @definition.extension
(enum_constant name: (identifier) @name) @definition.enum_member
(method_declaration type: (_) @type name: (identifier) @name body: (_)? @body) @definition.method
(constructor_declaration name: (identifier) @name body: (_) @body) @definition.constructor
(compact_constructor_declaration name: (identifier) @name body: (_) @body) @definition.constructor
(field_declaration type: (_) @type declarator: (variable_declarator name: (identifier) @name
  value: (_)? @value)) @definition.field
(constant_declaration type: (_) @type declarator: (variable_declarator name: (identifier) @name
  value: (_)? @value)) @definition.constant
(local_variable_declaration type: (_) @type declarator: (variable_declarator name: (identifier) @name
  value: (_)? @value)) @definition.variable
(formal_parameter type: (_) @type name: (identifier) @name) @definition.parameter
(spread_parameter (_) @rule.spread . (variable_declarator name: (identifier) @name))
(catch_formal_parameter (catch_type . (_) @type) name: (identifier) @name) @definition.parameter
(resource type: (_) @type name: (identifier) @name value: (_)? @value) @definition.variable
(enhanced_for_statement type: (_) @type name: (identifier) @name value: (_) @rule.each)
(instanceof_expression right: (_) @type name: (identifier) @name) @definition.declared
(type_pattern (_) @type . (identifier) @name) @definition.declared
(lambda_expression parameters: (identifier) @name) @rule.lambda
(inferred_parameters (identifier) @name @definition.parameter)
(type_parameter (type_identifier) @name (type_bound . (_) @type)?) @definition.type_parameter

; Scopes

(block) @scope
(lambda_expression) @scope.function
(for_statement) @scope
(enhanced_for_statement) @scope
(try_with_resources_statement) @scope
(catch_clause) @scope
(switch_block_statement_group) @scope
(switch_rule) @scope

; Uses

(type_identifier) @reference.type
(labeled_statement . (identifier) @rule.label)
(break_statement (identifier) @rule.label)
(continue_statement (identifier) @rule.label)
(identifier) @reference
(this) @reference
(super) @reference
(marker_annotation name: (identifier) @reference.decorator)
(annotation name: (identifier) @reference.decorator)
(annotation name: (_) @of arguments: (annotation_argument_list (element_value_pair
  key: (identifier) @name))) @keyword
(switch_expression condition: (_) @value body: (switch_block (_ (switch_label (identifier) @rule.case))))

; Values

(field_access object: (_) @receiver field: (identifier) @name) @member
(field_access object: (_) @value field: (this)) @same
(method_invocation object: (_) @receiver name: (identifier) @name
  arguments: (argument_list) @arguments) @rule.method
(method_invocation !object name: (identifier) @callee arguments: (argument_list) @arguments) @call
(method_reference . (_) @receiver (identifier) @name .) @member
(scoped_type_identifier . (_) @receiver (type_identifier) @name .) @rule.scoped
(scoped_identifier scope: (_) @receiver name: (identifier) @name) @member
(object_creation_expression type: (_) @type arguments: (argument_list)) @new
(generic_type . (_) @type (type_arguments) @arguments) @generic
(array_type element: (_) @type) @list
(cast_expression type: (_) @type) @instance
(parenthesized_expression (_) @value) @same
(array_access array: (_) @value) @item
(array_creation_expression type: (_) @rule.array)
(ternary_expression consequence: (_) @value) @same
(assignment_expression left: (_) @written)
(update_expression (_) @written)
(wildcard (_) @value .) @same
(class_literal (_) @rule.typed)
(annotated_type (_) @value .) @same
(integral_type) @literal
(floating_point_type) @literal
(boolean_type) @literal
(string_literal) @text
(decimal_integer_literal) @number
