; Packages and imports

(package_clause (package_identifier) @package)
(import_spec path: (interpreted_string_literal) @path) @rule.import

; Definitions

(type_spec name: (type_identifier) @name type: (struct_type (field_declaration_list) @body)) @definition.struct
(type_spec name: (type_identifier) @name type: (interface_type) @body) @definition.interface
(type_spec name: (type_identifier) @name
  type: [(type_identifier) (qualified_type) (pointer_type) (slice_type) (array_type) (map_type)
         (function_type) (channel_type) (generic_type)] @type) @definition.type
(type_alias name: (type_identifier) @name type: (_) @type) @definition.type
(interface_type (type_elem) @rule.embedded)
(field_declaration !name type: (_) @rule.embedded)
(field_declaration name: (_) @name) @rule.fields
(method_elem name: (_) @name result: (_)? @type) @definition.method
(function_declaration name: (identifier) @name result: (_)? @type body: (block)? @body) @definition.function
(method_declaration receiver: (parameter_list (parameter_declaration type: (_) @of))
  body: (block)? @body) @definition.extension
(method_declaration name: (field_identifier) @name result: (_)? @type body: (block)? @body) @definition.method
(parameter_declaration name: (identifier) @name type: (_) @type) @definition.parameter
(variadic_parameter_declaration name: (identifier) @name type: (_) @rule.variadic)
(type_parameter_declaration name: (identifier) @name type: (_)? @type) @definition.type_parameter
(const_spec name: (identifier) @name type: (_)? @type) @definition.constant
(var_spec) @rule.variables
(short_var_declaration left: (expression_list) @names right: (expression_list) @values) @definition.variable
(range_clause left: (expression_list) @names right: (_) @value) @rule.range
(type_switch_statement alias: (expression_list (identifier) @name) value: (_) @value) @definition.declared
(receive_statement left: (expression_list) @names) @definition.variable

; Scopes

(func_literal) @scope.function
(block) @scope
(if_statement) @scope
(for_statement) @scope
(expression_switch_statement) @scope
(type_switch_statement) @scope
(select_statement) @scope
(expression_case) @scope
(type_case) @scope
(default_case) @scope
(communication_case) @scope

; Uses

(type_identifier) @reference.type
(package_identifier) @reference
(identifier) @reference

; Values

(selector_expression operand: (_) @receiver field: (field_identifier) @name) @member
(qualified_type package: (_) @receiver name: (type_identifier) @name) @member
(call_expression function: (_) @callee arguments: (argument_list . (_)? @argument)) @call
(composite_literal type: (_) @type) @instance
(composite_literal type: (_) @of body: (literal_value (keyed_element
  . (literal_element (identifier) @name)))) @keyword
(composite_literal type: (slice_type element: (_) @of) body: (literal_value (literal_element
  (literal_value (keyed_element . (literal_element (identifier) @name)))))) @keyword
(composite_literal type: (map_type value: (_) @of) body: (literal_value (keyed_element
  value: (literal_element (literal_value (keyed_element . (literal_element (identifier) @name))))))) @keyword
(unary_expression operand: (_) @value) @same
(parenthesized_expression (_) @value) @same
(index_expression operand: (_) @value) @item
(slice_expression operand: (_) @value) @same
(type_assertion_expression type: (_) @type) @instance
(type_conversion_expression type: (_) @type) @instance
(pointer_type (_) @value) @same
(generic_type type: (_) @type type_arguments: (type_arguments) @arguments) @generic
(slice_type element: (_) @type) @list
(array_type element: (_) @type) @list
(channel_type value: (_) @type) @list
(map_type value: (_) @type) @list
(function_declaration result: (parameter_list) @rule.results)
(method_declaration result: (parameter_list) @rule.results)
(method_elem result: (parameter_list) @rule.results)
(assignment_statement left: (expression_list (_) @written))
(inc_statement (_) @written)
(dec_statement (_) @written)
