"""How good the choices are: one module a task, each with ``add_arguments(parser)`` and ``run(args)``."""
