; Modules, classes and methods

(module name: [(constant) @name (scope_resolution name: (constant) @name)] body: (_) @body) @definition.namespace
(class name: [(constant) @name (scope_resolution name: (constant) @name)]
  body: (_) @body) @definition.class
(class name: [(constant) @name (scope_resolution name: (constant) @name)] !body) @definition.class
(module name: (scope_resolution scope: (_) @rule.prefix name: (constant) @name))
(class name: (scope_resolution scope: (_) @rule.prefix name: (constant) @name))
(class name: [(constant) @name (scope_resolution name: (constant) @name)] superclass: (superclass (_) @rule.base))
(method name: (_) @name) @definition.function
(singleton_method name: (_) @name) @definition.function
(alias name: (_) @name) @definition.function
(call method: (identifier) @name arguments: (argument_list) @arguments (#any-of? @name
  "attr_accessor" "attr_reader" "attr_writer" "attr" "include" "extend" "prepend" "require"
  "require_relative" "alias_method" "def_delegators" "def_delegator" "delegate" "define_method"
  "cattr_accessor" "mattr_accessor" "class_attribute" "scope" "has_many" "belongs_to" "has_one")) @rule.macro
(assignment left: (constant) @name right: (_)? @value) @definition.constant
(assignment left: (identifier) @name right: (_)? @value) @definition.variable
(assignment left: (instance_variable) @name right: (_)? @value) @definition.attribute
(assignment left: (class_variable) @name right: (_)? @value) @definition.attribute
(assignment left: (global_variable) @name right: (_)? @value) @definition.global
(operator_assignment left: (identifier) @name) @definition.variable
(operator_assignment left: (instance_variable) @name right: (_) @value) @definition.attribute
(operator_assignment left: (class_variable) @name right: (_) @value) @definition.attribute
(operator_assignment left: (constant) @name right: (_) @value) @definition.constant
(left_assignment_list) @rule.several
(exception_variable (identifier) @name) @definition.variable
(for pattern: (identifier) @name) @definition.variable

; Parameters

(method_parameters (identifier) @name @definition.parameter)
(lambda_parameters (identifier) @name @definition.parameter)
(block_parameters (identifier) @name @definition.parameter)
(optional_parameter name: (identifier) @name) @definition.parameter
(splat_parameter name: (identifier) @name) @definition.parameter
(hash_splat_parameter name: (identifier) @name) @definition.parameter
(block_parameter name: (identifier) @name) @definition.parameter
(keyword_parameter name: (identifier) @name) @definition.parameter
(destructured_parameter (identifier) @name @definition.parameter)

; Scopes

(block) @scope
(do_block) @scope
(lambda) @scope

; Uses

(identifier) @reference
(constant) @reference
(instance_variable) @reference
(class_variable) @reference
(global_variable) @reference
(self) @reference

; Values

(call receiver: (_) @receiver method: [(identifier) (constant)] @name) @rule.method
(call !receiver method: (identifier) @callee) @call
(scope_resolution scope: (_) @receiver name: (constant) @name) @rule.member
(scope_resolution !scope name: (constant) @rule.top)
(parenthesized_statements (_) @value .) @same
(element_reference object: (_) @value) @item
(superclass (_) @value) @same
