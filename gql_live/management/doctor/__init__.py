"""What ``manage.py gql_live_doctor`` looks at, part by part."""
