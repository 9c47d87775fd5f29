; In C the constants of an enum belong to what is around it.
(enum_specifier name: (type_identifier) @name body: (enumerator_list)) @definition.enum
