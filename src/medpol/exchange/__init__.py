"""Other people's shapes, to and from the model: Atom feeds and calendars. It translates and decides nothing."""
