//! Pure planner: desired x prior x observed to a plan. The dependency graph lives here.
