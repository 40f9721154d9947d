-- The search of the runs list finds what runs were given.
create index operation_runs_inputs on operation_runs using gin ((context #> '{identity,inputs}'));
