"""The form that collects: fields, plan, search, receipt."""
