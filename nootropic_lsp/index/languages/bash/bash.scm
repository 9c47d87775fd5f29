; Functions and variables: without `local` a variable belongs to the file

(function_definition name: (word) @name body: (_) @body) @definition.function
(variable_assignment name: (variable_name) @name) @rule.assignment
(variable_assignment name: (subscript name: (variable_name) @name)) @rule.assignment
(declaration_command (variable_name) @name) @rule.declared
(declaration_command) @rule.command
(for_statement variable: (variable_name) @name) @rule.assignment
(command name: (command_name (word) @rule.builtin) (#any-of? @rule.builtin
  "source" "." "read" "alias" "getopts" "mapfile" "readarray" "trap" "unset" "printf"))

; Uses

(variable_name) @reference
(command_name (word) @reference.call)
