"""One exchange with a host of the web, bounded in time and bytes; whoever it is with."""
