"""From a gradebook to what is handed back: tables for other systems, pages for everybody."""
