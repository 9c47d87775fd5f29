"""The tools that look for what is wrong in code: rules, the engines that run them, fixes."""
