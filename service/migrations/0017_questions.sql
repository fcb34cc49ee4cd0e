-- Questions of a gathering to those who come, and what they answer.

alter table gathering
    add questions integer not null default 0,
    add answers_days integer;

create table question (
    id            bigint generated always as identity constraint question_pkey primary key,
    gathering_id  bigint not null constraint question_gathering_fkey references gathering,
    place         integer not null,                         -- in the order in which they are asked
    kind          text not null constraint question_kind_check check (kind in ('text', 'choice', 'yes-no')),
    text_nl       text not null,
    text_en       text not null,
    needed        boolean not null default false,
    constraint question_text_check check (text_nl <> '' or text_en <> ''),
    constraint question_place_key unique (gathering_id, place) deferrable
);

-- Its number stays the same whatever becomes of its words
create table question_choice (
    question_id  bigint not null constraint question_choice_question_fkey references question on delete cascade,
    number       integer not null,
    text_nl      text not null,
    text_en      text not null,
    constraint question_choice_pkey primary key (question_id, number),
    constraint question_choice_text_check check (text_nl <> '' or text_en <> '')
);

create table question_answer (
    registration_id  bigint not null constraint question_answer_registration_fkey references registration on delete cascade,
    question_id      bigint not null constraint question_answer_question_fkey references question on delete cascade,
    text             text,
    choice           integer,
    yes              boolean,
    constraint question_answer_pkey primary key (registration_id, question_id),
    constraint question_answer_one_check check (num_nonnulls(text, choice, yes) = 1),
    constraint question_answer_choice_fkey foreign key (question_id, choice) references question_choice on delete cascade
);
create index question_answer_question_idx on question_answer (question_id);
